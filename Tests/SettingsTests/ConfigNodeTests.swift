import Model
import Settings
import Testing

@Suite("A configuration's tree")
struct ConfigNodeTests {
  @Test("--set puts one value and keeps the rest")
  func set() throws {
    var node = ConfigNode.map(["rtsp": .map(["port": .scalar("9000")]), "list": .list([.scalar("a")])])
    try node.set("rtsp.rtpPorts", to: .scalar("3000-3009"))
    try node.set("rtsp.port", to: .scalar("9001"))
    try node.set("access.openAnywhere", to: .scalar("true"))
    try node.set("list", to: .list([]))
    #expect(
      node
        == .map([
          "rtsp": .map(["port": .scalar("9001"), "rtpPorts": .scalar("3000-3009")]), "access": .map(["openAnywhere": .scalar("true")]),
          "list": .list([]),
        ]))
  }

  @Test(
    "--set refuses a path that leads nowhere and leaves the tree as it is",
    arguments: [
      ("", "--set : an empty key"), (".", "--set .: an empty key"), ("rtsp.", "--set rtsp.: an empty key"), ("a..b", "--set a..b: an empty key"),
      ("rtsp.port.deeper", "--set rtsp.port.deeper: deeper stands inside a value"), ("list.x", "--set list.x: x stands inside a value"),
    ])
  func setNowhere(path: String, detail: String) {
    let before = ConfigNode.map(["rtsp": .map(["port": .scalar("9000")]), "list": .list([.scalar("a")])])
    var node = before
    let fault = #expect(throws: Fault.self) { try node.set(path, to: .scalar("1")) }
    #expect(fault == Fault(.configInvalid, detail))
    #expect(node == before)
  }

  @Test(
    "as JSON, whole numbers and booleans have their type, and all else is text",
    arguments: [
      ("1", .int(1)), ("-7", .int(-7)), ("1_800_000", .int(1_800_000)), ("+1", "+1"), ("1.5", "1.5"), ("0x10", "0x10"),
      ("9223372036854775807", .int(.max)), ("9223372036854775808", "9223372036854775808"), ("true", true), ("false", false), ("yes", "yes"),
      ("True", "True"), ("null", .null), ("~", .null), ("", .null), ("县", "县"),
    ] as [(String, JSON)])
  func json(text: String, expected: JSON) { #expect(ConfigNode.scalar(text).json == expected) }

  @Test("lists and maps keep their shape as JSON")
  func jsonTree() {
    let node = ConfigNode.map(["a": .list([.scalar("1"), .map(["b": .scalar("x")]), .list([])]), "c": .map([:])])
    #expect(node.json.text == #"{"a":[1,{"b":"x"},[]],"c":{}}"#)
  }
}

@Suite("host:port")
struct EndpointTests {
  @Test(
    "host and port are parted at the last colon, brackets are left away",
    arguments: [("province.example:8555", "province.example", 8555), ("10.0.0.1:1", "10.0.0.1", 1), ("[2001:db8::1]:65535", "2001:db8::1", 65_535)])
  func good(text: String, host: String, port: Int) {
    #expect(Endpoint(text)?.host == host)
    #expect(Endpoint(text)?.port == port)
  }

  @Test("what is none is refused", arguments: ["", ":", "host", "host:", ":8555", "[]:1", "host:0", "host:65536", "host:-1", "host:http", "host:1 "])
  func bad(text: String) { #expect(Endpoint(text) == nil) }
}
