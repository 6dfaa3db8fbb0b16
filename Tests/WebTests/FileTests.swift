import FirstFrameTesting
import Foundation
import NIOCore
import Report
import Testing

@testable import Web

@Suite("Files")
struct FileTests {
  @Test("no name leads out of its folder, however it is written")
  func traversal() async throws {
    let node = try await RunningNode()
    try node.write("secret.jpg", Array("secret".utf8))
    try node.write("secret.json", Array("secret".utf8))
    try node.write("snapshots/good.jpg", Array("picture".utf8))
    #expect(try await node.client.get("/api/v1/snapshots/good.jpg").text == "picture")
    let ways = [
      "../secret", "..%2fsecret", "..%2Fsecret", "%2e%2e%2fsecret", "%2e%2e/secret", "..%5csecret", "%252e%252e%252fsecret", "snapshots/../../secret",
      "%2fetc/passwd", "good.jpg%00/../../secret", "%00", ".", "..", "%2e%2e", "%ff", "%zz", "%", "a%0d%0aSet-Cookie:%20x", "",
    ]
    for way in ways {
      for (folder, ending) in [("snapshots", ".jpg"), ("receipts", ".json"), ("reports", ".html"), ("inspections", ".json")] {
        let answer = try await node.client.get("/api/v1/\(folder)/\(way)\(ending)")
        #expect([400, 404].contains(answer.status), "\(folder) \(way): \(answer.status)")
        #expect(!answer.text.contains("secret\n") && answer.text != "secret" && answer.headers["set-cookie"] == nil, "\(folder) \(way)")
      }
      for asset in ["/assets/\(way)", "/assets/css/\(way)", "/assets/js/../../\(way)"] {
        #expect([400, 404].contains(try await node.client.get(asset).status), "\(asset)")
      }
    }
  }

  @Test("a folder, a link to nowhere and a name of another kind are not found")
  func kinds() async throws {
    let node = try await RunningNode()
    try node.write("snapshots/folder.jpg/x", [1])
    try node.write("snapshots/note.txt", [1])
    for name in ["folder.jpg", "note.txt", "missing.jpg"] {
      #expect([404, 507].contains(try await node.client.get("/api/v1/snapshots/\(name)").status), "\(name)")
    }
  }

  @Test("names of any script are found, plain or percent-encoded")
  func scripts() async throws {
    let node = try await RunningNode()
    try node.write("snapshots/德清-1.jpg", Array("picture".utf8))
    #expect(try await node.client.get("/api/v1/snapshots/%E5%BE%B7%E6%B8%85-1.jpg").text == "picture")
  }

  @Test("what the pages are made of has its type and a tag, and is not sent again to who has it")
  func assets() async throws {
    let node = try await RunningNode()
    let store = try AssetStore.load()
    #expect(store.paths.count > 20)
    for path in store.paths {
      let answer = try await node.client.get("/assets/\(path)")
      #expect(answer.status == 200 && answer.headers["content-type"] == store[path]?.type.rawValue, "\(path)")
      #expect(answer.headers["cache-control"] == "no-cache")
      let tag = try #require(answer.headers["etag"])
      let again = try await node.client.send("GET", "/assets/\(path)", headers: ["If-None-Match": tag])
      #expect(again.status == 304 && again.body.isEmpty, "\(path)")
    }
    #expect(try await node.client.get("/assets/js/nothing.js").status == 404)
    #expect(try await node.client.get("/assets/js").status == 404)
  }

  @Test("every module that a module imports, and everything that a page links, is there")
  func imports() throws {
    let store = try AssetStore.load()
    var reached: Set<String> = []
    var waiting = WebPage.all.map(\.script)
    while let path = waiting.popLast() {
      guard reached.insert(path).inserted else { continue }
      let text = String(buffer: try #require(store[path], "\(path)").bytes)
      for match in text.matches(of: /from "(\.[^"]+)"/) {
        let base = URL(fileURLWithPath: "/" + path).deletingLastPathComponent()
        waiting.append(String(base.appendingPathComponent(String(match.1)).standardizedFileURL.path.dropFirst()))
      }
    }
    let modules = Set(store.paths.filter { $0.hasSuffix(".js") })
    #expect(reached == modules, "modules that no page reaches: \(modules.subtracting(reached))")
    for page in WebPage.all { #expect(store[page.style] != nil) }
  }

  @Test("no script has a way from text to markup, and no style comes from anywhere but a style sheet")
  func sources() throws {
    let store = try AssetStore.load()
    let forbidden = [
      "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "setAttribute(\"style\"", ".style.", "javascript:",
      "DOMParser", "createContextualFragment",
    ]
    for path in store.paths where path.hasSuffix(".js") {
      let text = String(buffer: try #require(store[path]).bytes)
      for word in forbidden { #expect(!text.contains(word), "\(path): \(word)") }
    }
    for page in WebPage.all {
      let html = Shell(page: page).html.text
      #expect(!html.contains("<style") && !html.contains(" style=") && !html.contains("onclick") && !html.contains("<script>"))
    }
  }
}
