import FirstFrameTesting
import Measure
import Testing

@testable import Web

@Suite("Pages and their policy", .serialized, .enabled(if: Browser.isUsable, "no chromium, or a limit of address space: no policy is tried"))
struct PagePolicyTests {
  @Test("every page and document loads under its own policy without one complaint")
  func pages() async throws {
    let node = try await RunningNode()
    let id = try await node.shown("x").id
    let paths = WebPage.all.map(\.path) + ["/api/v1/reports/\(id).html", "/api/v1/inspections/\(id).html"]
    for path in paths {
      let page = try await #require(Browser.shared).open(node.address + path)
      try await page.wait("document.body.innerText.length > 100")
      #expect(page.complaints == [], "\(path)")
      // Its style sheets were taken.
      #expect(try await page.evaluate("getComputedStyle(document.body).fontFamily").string?.contains("Noto Sans") == true, "\(path)")
    }
  }

  @Test("what somebody got into a page would not run: no inline script, no listener in an attribute, no style, no markup from text, no foreign host")
  func attacks() async throws {
    let node = try await RunningNode()
    let page = try await #require(Browser.shared).open(node.address)
    let attacks = [
      "const s = document.createElement('script'); s.textContent = 'window.hit = 1'; document.body.append(s)",
      "const b = document.createElement('button'); b.setAttribute('onclick', 'window.hit = 1'); document.body.append(b); b.click()",
      "document.body.innerHTML = '<img src=x onerror=\"window.hit = 1\">'",
      "const i = document.createElement('img'); i.src = 'http://127.0.0.1:1/x.png'; document.body.append(i)",
      "const d = document.createElement('div'); d.setAttribute('style', 'color: red'); document.body.append(d)",
      "const f = document.createElement('iframe'); f.src = 'data:text/html,x'; document.body.append(f)",
    ]
    for attack in attacks {
      page.clearComplaints()
      try await page.evaluate("(() => { try { \(attack) } catch (error) { console.error(String(error)) } return 0 })()")
      try await RunningNode.eventually { !page.complaints.isEmpty }
      #expect(try await page.evaluate("window.hit === undefined") == true, "\(attack)")
    }
  }
}
