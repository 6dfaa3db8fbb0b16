import Model
import Settings
import SettingsFile
import Testing

/// A room's settings as a test needs them: one key of each kind.
private struct Sample: Equatable {
  enum Colour: String, CaseIterable { case red, green }
  struct Entry: Equatable {
    var name: String
    var stream: StreamName?
  }

  var title: String
  var isLoud: Bool
  var seconds: Int
  var colour: Colour
  var port: UInt16
  var ports: ClosedRange<UInt16>
  var globs: [String]
  var upper: Endpoint?
  var entries: [Entry]

  init(_ section: inout ConfigReader) throws(Fault) {
    title = try section.text("title", default: "none")
    isLoud = try section.flag("loud", default: false)
    seconds = try section.number("seconds", default: 10, in: 1...60)
    colour = try section.choice("colour", default: .red)
    port = try section.port("port", default: 8554)
    ports = try section.ports("ports", default: 20_000...21_999)
    globs = try section.texts("globs", default: ["**"])
    upper = try section.section("upper") { upper throws(Fault) in
      try upper.optionalText("on") == nil ? nil : try upper.requiredEndpoint("control")
    }
    entries = try section.sections("entries") { entry throws(Fault) in
      Entry(name: try entry.requiredText("name"), stream: try entry.optionalStreamName("stream"))
    }
  }

  init(yaml: String) throws(Fault) {
    let node = try ConfigNode(yaml: yaml)
    self = try ConfigReader.read(node, path: "sample", Sample.init)
  }
}

@Suite("A room reads its section of the configuration")
struct ConfigReaderTests {
  @Test(
    "keys that are not given, or given without a value, have their defaults",
    arguments: ["", "{}", "title:\nseconds: ~\nports: null\nentries:\nupper:"])
  func defaults(yaml: String) throws {
    let sample = try Sample(yaml: yaml)
    #expect(sample.title == "none")
    #expect(!sample.isLoud)
    #expect(sample.seconds == 10)
    #expect(sample.colour == .red)
    #expect(sample.port == 8554)
    #expect(sample.ports == 20_000...21_999)
    #expect(sample.globs == ["**"])
    #expect(sample.upper == nil)
    #expect(sample.entries.isEmpty)
  }

  @Test("each kind of value is read as it is written")
  func values() throws {
    let sample = try Sample(
      yaml: """
        title: 县 中心
        loud: true
        seconds: 60
        colour: green
        port: 0
        ports: 3000 - 3009
        globs: [live/*, "x"]
        upper: {on: yes, control: "[::1]:8555"}
        entries:
          - {name: a}
          - {name: b, stream: /live/b/}
        """)
    #expect(sample.title == "县 中心")
    #expect(sample.isLoud)
    #expect(sample.seconds == 60)
    #expect(sample.colour == .green)
    #expect(sample.port == 0)
    #expect(sample.ports == 3000...3009)
    #expect(sample.globs == ["live/*", "x"])
    #expect(sample.upper == Endpoint("::1:8555"))
    #expect(sample.entries == [Sample.Entry(name: "a", stream: nil), Sample.Entry(name: "b", stream: StreamName("live/b"))])
  }

  @Test("one text stands for a list of one, and a key without a value for none at all")
  func texts() throws {
    #expect(try Sample(yaml: "globs: live/*").globs == ["live/*"])
    #expect(try Sample(yaml: "globs:").globs.isEmpty)
    #expect(try Sample(yaml: "globs: []").globs.isEmpty)
  }

  @Test(
    "a value that cannot be is refused by path and reason",
    arguments: [
      ("title: [1]", "sample.title: expected a text"), ("title: {a: 1}", "sample.title: expected a text"),
      ("loud: yes", "sample.loud: expected true or false, not yes"), ("loud: 1", "sample.loud: expected true or false, not 1"),
      ("seconds: 0", "sample.seconds: expected 1…60, not 0"), ("seconds: 61", "sample.seconds: expected 1…60, not 61"),
      ("seconds: ten", "sample.seconds: expected 1…60, not ten"), ("seconds: 1.5", "sample.seconds: expected 1…60, not 1.5"),
      ("seconds: 99999999999999999999", "sample.seconds: expected 1…60, not 99999999999999999999"),
      ("colour: blue", "sample.colour: expected red | green, not blue"),
      ("port: 65536", "sample.port: expected 0…65535, not 65536"), ("port: -1", "sample.port: expected 0…65535, not -1"),
      ("ports: 9-3", "sample.ports: expected a range such as 20000-21999, not 9-3"),
      ("ports: 5", "sample.ports: expected a range such as 20000-21999, not 5"),
      ("ports: 0-9", "sample.ports: expected a range such as 20000-21999, not 0-9"),
      ("ports: 9-9", "sample.ports: expected a range such as 20000-21999, not 9-9"),
      ("ports: 1-65536", "sample.ports: expected a range such as 20000-21999, not 1-65536"),
      ("ports: 1-2-3", "sample.ports: expected a range such as 20000-21999, not 1-2-3"),
      ("globs: {a: 1}", "sample.globs: expected a list of texts"), ("globs: [[a]]", "sample.globs: expected texts"),
      ("upper: 3", "sample.upper: expected keys and values"), ("upper: [a]", "sample.upper: expected keys and values"),
      ("upper: {on: 1}", "sample.upper.control: is missing"),
      ("upper: {on: 1, control: host}", "sample.upper.control: expected host:port, not host"),
      ("entries: {name: a}", "sample.entries: expected a list"), ("entries: [a]", "sample.entries[0]: expected keys and values"),
      ("entries: [{name: a}, {stream: live/b}]", "sample.entries[1].name: is missing"),
      ("entries: [{name: a, stream: a b}]", "sample.entries[0].stream: a b is no stream name"),
    ])
  func impossible(yaml: String, detail: String) {
    let fault = #expect(throws: Fault.self) { try Sample(yaml: yaml) }
    #expect(fault == Fault(.configInvalid, detail))
  }

  @Test(
    "an unknown key is refused, and the nearest key of the same map named",
    arguments: [
      ("tilte: x", "sample.tilte", "sample.title"), ("LOUD: true", "sample.LOUD", "sample.loud"), ("second: 3", "sample.second", "sample.seconds"),
      ("upper: {contrl: 'a:1'}", "sample.upper.contrl", "sample.upper.on"),
      ("upper: {on: 1, control: 'a:1', contrl: 'a:1'}", "sample.upper.contrl", "sample.upper.control"),
      ("entries: [{name: a}, {name: b, steam: c}]", "sample.entries[1].steam", "sample.entries[1].stream"),
    ])
  func unknown(yaml: String, path: String, nearest: String) {
    let fault = #expect(throws: Fault.self) { try Sample(yaml: yaml) }
    #expect(fault == Fault(.configUnknownKey, "\(path);最接近的键 / nearest key: \(nearest)"))
  }

  @Test("a map that has no keys at all names none")
  func nothingNear() {
    let fault = #expect(throws: Fault.self) { try ConfigReader.read(.map(["a": .scalar("1")])) { _ throws(Fault) in } }
    #expect(fault == Fault(.configUnknownKey, "a"))
  }

  @Test("of several unknown keys the first by name is refused, so that the message does not change from run to run")
  func severalUnknown() {
    for _ in 0..<20 {
      let fault = #expect(throws: Fault.self) { try Sample(yaml: "{zz: 1, mm: 2, aa: 3, yy: 4}") }
      #expect(fault?.detail.hasPrefix("sample.aa;") == true)
    }
  }

  @Test("the reader lists the keys that it was asked for, with those of inner sections")
  func keys() throws {
    var reader = try ConfigReader(nil, path: "sample")
    _ = try Sample(&reader)
    #expect(
      reader.keys == [
        "sample.title", "sample.loud", "sample.seconds", "sample.colour", "sample.port", "sample.ports", "sample.globs", "sample.upper.on",
        "sample.entries",
      ])
  }

  @Test("a room's own rule fails with the key's path")
  func ownRule() throws {
    let reader = try ConfigReader(nil, path: "node")
    #expect(reader.invalid("name", "is odd") == Fault(.configInvalid, "node.name: is odd"))
    #expect(try ConfigReader(nil).invalid("bind", "is odd") == Fault(.configInvalid, "bind: is odd"))
  }
}
