import FirstFrameTesting
import Foundation
import Model
import Settings
import SettingsFile
import Testing

@Suite("Configuration files are YAML")
struct YAMLTests {
  private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  @Test("an empty document, comments and a bare null are no keys at all", arguments: ["", "\n\n", "# only a comment\n", "---\n", "{}"])
  func empty(yaml: String) throws { #expect(try ConfigReader.read(ConfigNode(yaml: yaml)) { reader throws(Fault) in reader.keys }.isEmpty) }

  @Test("values stay text, whatever YAML would make of them")
  func text() throws {
    let node = try ConfigNode(yaml: "{a: 010, b: yes, c: 1e3, d: 'null', e: \"x\\ty\", f: 2026-11-22}\n")
    #expect(
      node
        == .map([
          "a": .scalar("010"), "b": .scalar("yes"), "c": .scalar("1e3"), "d": .scalar("null"), "e": .scalar("x\ty"), "f": .scalar("2026-11-22"),
        ]))
  }

  @Test("JSON is YAML, as the demo writes it")
  func json() throws {
    let json: JSON = ["rtsp": ["port": 9000], "pulls": [["stream": "live/a", "url": "rtsp://u:p@h:1/x?y=1"]]]
    #expect(try ConfigNode(yaml: json.text).json == json)
  }

  @Test(
    "what is no YAML is refused with its place",
    arguments: ["rtsp:\n\tport: 1\n", "a: [1", "a: 'x", "a: b: c", "- a\nb: 1", "a: 1\n---\nb: 2\n", "a: *nowhere", "%YAML 9", "\u{0}", "a: \"\\q\""])
  func broken(yaml: String) {
    let fault = #expect(throws: Fault.self) { try ConfigNode(yaml: yaml) }
    #expect(fault?.code == .configUnreadable)
    #expect(fault?.detail.isEmpty == false)
  }

  @Test(
    "a key twice, a key that is no text, and anchors are refused by path",
    arguments: [
      ("rtsp: {[1]: 2}", "rtsp: a key that is no text"), ("a: &x 1", "a: anchors and aliases are not used here"),
      ("a: {b: &x [1], c: *x}", "a.b: anchors and aliases are not used here"), ("&x a: 1", ": a key that is no text"),
      ("&all {a: 1}", ": anchors and aliases are not used here"),
    ])
  func refused(yaml: String, detail: String) {
    let fault = #expect(throws: Fault.self) { try ConfigNode(yaml: yaml) }
    #expect(fault == Fault(.configInvalid, detail))
  }

  @Test("a key that is given twice is refused")
  func twice() {
    let fault = #expect(throws: Fault.self) { try ConfigNode(yaml: "rtsp: {port: 1, port: 2}") }
    #expect([.configUnreadable, .configInvalid].contains(fault?.code))
    #expect(fault?.detail.contains("port") == true)
  }

  @Test("aliases that would stand for billions of values are refused at once")
  func bomb() {
    let levels = (1...12).map { level in "l\(level): &l\(level) [" + Array(repeating: "*l\(level - 1)", count: 10).joined(separator: ", ") + "]" }
    let fault = #expect(throws: Fault.self) { try ConfigNode(yaml: "l0: &l0 [x, x]\n" + levels.joined(separator: "\n")) }
    #expect(fault?.code == .configInvalid)
  }

  @Test("hundreds of levels are refused, thousands too", arguments: [40, 900, 100_000])
  func deep(levels: Int) {
    for (open, close) in [("[", "]"), ("{a: ", "}")] {
      let fault = #expect(throws: Fault.self) {
        try ConfigNode(yaml: String(repeating: open, count: levels) + String(repeating: close, count: levels))
      }
      #expect(fault?.code == (levels > 1000 ? .configUnreadable : .configInvalid))
    }
  }

  @Test("every file in Config is read", arguments: ["firstframe", "county", "province", "quality/gb-fixed", "policies/thirty-minute"])
  func shipped(name: String) throws {
    guard case .map(let members) = try ConfigNode(file: root.appendingPathComponent("Config/\(name).yaml").path) else {
      Issue.record("no map")
      return
    }
    #expect(members.count >= 4)
  }

  @Test("a file that is not there, is a folder or is too long cannot be read")
  func files() throws {
    let folder = try TemporaryFolder()
    let long = folder.path + "/long.yaml"
    try Data(repeating: UInt8(ascii: "#"), count: ConfigNode.limit + 1).write(to: URL(fileURLWithPath: long))
    for path in [folder.path + "/none.yaml", folder.path, long] {
      let fault = #expect(throws: Fault.self) { try ConfigNode(file: path) }
      #expect(fault?.code == .configUnreadable)
      #expect(fault?.detail.contains(path) == true)
    }
  }

  @Test("3000 mutants of a configuration never trap")
  func mutants() throws {
    let sample = Array(try Data(contentsOf: root.appendingPathComponent("Config/firstframe.yaml")))
    let other = Array(try Data(contentsOf: root.appendingPathComponent("Config/county.yaml")))
    var mutator = Mutator(seed: 10)
    var accepted = 0
    for _ in 0..<3000 {
      let text = String(decoding: mutator.mutate(sample, with: other), as: UTF8.self)
      if let node = try? ConfigNode(yaml: text) {
        _ = node.json
        accepted += 1
      }
    }
    #expect((1..<3000).contains(accepted))
  }
}
