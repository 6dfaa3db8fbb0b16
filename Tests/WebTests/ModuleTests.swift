import FirstFrameTesting
import Foundation
import Testing

@testable import Web

/// The pages' modules, run in the browser that runs them, one by one.
@Suite("The pages' modules", .serialized, .enabled(if: Browser.isUsable, "no chromium, or a limit of address space: no module is run"))
struct ModuleTests {
  /// What a script gives that has `module` loaded.
  private func run(_ module: String, _ script: String) async throws -> JSONValue {
    let node = try await RunningNode()
    let page = try await #require(Browser.shared).open(node.address)
    return try await page.evaluate("import('/assets/js/\(module).js').then(async (module) => { \(script) })")
  }

  /// An incident as the API gives it, with these steps of one device.
  private func incident(_ steps: [String], minutes: Int = 1, closed: Bool = false, province: String = "{}", eligible: Bool = true) -> String {
    let own = steps.map { "{ id: '\($0)', device: '单兵01', bootNs: 2 }" }.joined(separator: ", ")
    return """
      { id: 'i', verdict: 'pass', closed: \(closed), limitSeconds: 1800, province: \(province), steps: [{ id: 't1', bootNs: 0 }, \(own)],
        devices: [{ name: '高点', eligible: false }, { name: '单兵01', eligible: \(eligible) }] }, UPLINKS, \(minutes) * 60000
      """
  }

  @Test("the advice is the next thing that is missing")
  func advice() async throws {
    let up = "[{ up: true }]"
    let cases: [(String, String, String)] = [
      ("null, [], 0", "nextOpen", ""), (incident([]), "nextCall", "单兵01"), (incident([], eligible: false), "nextCall", "高点、单兵01"),
      (incident(["t5"]), "nextKey", "单兵01"), (incident(["t5", "t5k"]), "nextCounty", "单兵01"), (incident(["t5", "t5k", "t6"]), "nextUp", ""),
      (incident(["t6"]).replacing("UPLINKS", with: "[]"), "nextAlone", ""),
      (incident(["t6"]).replacing("UPLINKS", with: "[{ up: true }, { up: false }]"), "nextLink", ""),
      (incident(["t6"], province: "{ countyBracket: {} }"), "nextDone", ""),
      (incident(["t6"], minutes: 31, province: "{ provinceBracket: {} }"), "nextDone", ""),
      (incident(["t5"], minutes: 31), "nextLate", ""), (incident([], minutes: 31, closed: true), "closed", ""),
    ]
    let calls = cases.map { "module.advice(\($0.0.replacing("UPLINKS", with: up)))" }.joined(separator: ", ")
    let found = try await run("views/board/advice", "return [\(calls)]")
    for (index, (arguments, key, value)) in cases.enumerated() {
      #expect(found[index]?["key"]?.string == key, "\(arguments)")
      #expect((found[index]?["values"]?[0]?.string ?? "") == value, "\(arguments)")
    }
    let anyMinute = incident([]).replacing("1 * 60000", with: "minutes * 60000").replacing("UPLINKS", with: up)
    let tones = try await run("views/board/advice", "return [1, 19, 21, 31].map((minutes) => module.advice(\(anyMinute)).tone)")
    #expect(tones == ["", "", "warn", "late"])
  }

  @Test("figures that are not known are dashes, never zeros")
  func figures() async throws {
    let shown = try await run(
      "format",
      """
      const { seconds, milliseconds, bracket, clock } = module;
      return [seconds(null), seconds(0), seconds(99.94), seconds(1234.5), milliseconds(undefined), milliseconds(1.25), bracket(null),
        bracket({ lowerSeconds: 1, upperSeconds: 2.5 }), clock(0), clock(61_999), clock(-3_600_000)];
      """)
    #expect(shown == ["—", "0.0 s", "99.9 s", "1235 s", "—", "1.3 ms", "—", "1.000 … 2.500 s", "00:00", "01:01", "60:00"])
  }

  @Test("an event stream is read whatever pieces it comes in")
  func events() async throws {
    let shown = try await run(
      "events",
      #"""
      const stream = "retry: 2000\n\nid: 1\nevent: a.b\ndata: {\"x\":\"y: z\"}\n\n: beat\n\nid: 2\nevent: c\ndata: {}\n\n";
      const runs = [];
      for (let size = 1; size <= stream.length; size++) {
        const events = [];
        const parser = new module.EventParser((event) => events.push(event));
        for (let at = 0; at < stream.length; at += size) parser.push(stream.slice(at, at + size));
        runs.push(JSON.stringify(events));
      }
      return [...new Set(runs)].map((run) => JSON.parse(run));
      """#)
    #expect(shown == [[["id": "1", "event": "a.b", "data": "{\"x\":\"y: z\"}"], ["id": "2", "event": "c", "data": "{}"]]])
  }

  @Test("an element takes texts as texts, and neither listeners nor styles as attributes")
  func elements() async throws {
    let shown = try await run(
      "component",
      """
      const { element } = module;
      const click = () => { node.dataset.clicked = "yes" };
      const node = element("a", { title: '"><i>', hidden: true, lang: null, on: { click } }, "<b>x</b>", [null, ["y"]], false, 7);
      node.click();
      const refused = ["onclick", "ONLOAD", "style", "srcdoc"].map((name) => {
        try { element("p", { [name]: "x" }); return "taken"; } catch { return "refused"; }
      });
      return [node.textContent, node.children.length, node.getAttribute("title"), node.hasAttribute("hidden"), node.hasAttribute("lang"),
        node.dataset.clicked, refused];
      """)
    #expect(shown == ["<b>x</b>y7", 0, "\"><i>", true, false, "yes", ["refused", "refused", "refused", "refused"]])
  }

  @Test("a component draws when what it shows or the language has changed, and only then; a list keeps the parts of items that stay")
  func components() async throws {
    let shown = try await run(
      "component",
      """
      const { Component, ComponentList, element } = module;
      const strings = await import("/assets/js/strings.js");
      let drawn = 0;
      class Part extends Component { render(model) { drawn += 1; return model.name; } }
      const part = new Part(element("p"));
      for (const name of ["a", "a", "b", "b"]) part.update({ name });
      strings.setLanguage("en");
      part.update({ name: "b" });
      strings.setLanguage("zh");
      const list = new ComponentList(element("div"), (model) => model.name, () => new Part(element("p")));
      list.update([{ name: "x" }, { name: "y" }]);
      const kept = list.root.children[1];
      list.update([{ name: "y" }, { name: "z" }]);
      return [drawn, part.root.textContent, list.root.textContent, list.root.children[0] === kept];
      """)
    #expect(shown == [6, "b", "yz", true])
  }

  @Test("every word is there in both languages, with the same gaps to fill")
  func words() async throws {
    let problems = try await run(
      "views/board/words",
      """
      const { zh, en } = module.words;
      const gaps = (text) => (text.match(/\\{\\d\\}/g) ?? []).join();
      return [...new Set([...Object.keys(zh), ...Object.keys(en)])].filter((key) => !zh[key] || !en[key] || gaps(zh[key]) !== gaps(en[key]));
      """)
    #expect(problems == [])
  }
}
