import Foundation
import Model
import Settings
import Testing

@Suite("Settings")
struct SettingsTests {
  private func shipped(_ name: String) throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return try String(contentsOf: root.appendingPathComponent("Config/\(name)"), encoding: .utf8)
  }

  @Test("Config/firstframe.yaml says the code's defaults")
  func defaults() throws {
    #expect(try Settings(ConfigNode(yaml: shipped("firstframe.yaml"))) == Settings())
  }

  @Test("an unknown key is refused and the nearest named")
  func unknownKey() throws {
    let fault = #expect(throws: Fault.self) { try Settings(ConfigNode(yaml: "rtsp: {prot: 1}")) }
    #expect(fault?.code == .configUnknownKey)
    #expect(fault?.detail.contains("rtsp.prot") == true)
    #expect(fault?.detail.contains("rtsp.port") == true)
  }

  @Test(
    "values that cannot be are refused with their path",
    arguments: [
      ("rtsp: {port: 70000}", "rtsp.port"), ("rtsp: {rtpPorts: 9-3}", "rtsp.rtpPorts"), ("node: {name: a/b}", "node.name"),
      ("access: {mode: maybe}", "access.mode"), ("uplinks: [{name: p}]", "uplinks[0].control"), ("devices: 3", "devices"),
      ("archive: {enabled: 1}", "archive.enabled"), ("bind: [1]", "bind"), ("- a", ""),
    ])
  func impossible(yaml: String, path: String) throws {
    let fault = #expect(throws: Fault.self) { try Settings(ConfigNode(yaml: yaml)) }
    #expect(fault?.code == .configInvalid)
    #expect(fault?.detail.hasPrefix(path) == true)
  }

  @Test("--set puts one value and keeps the rest")
  func set() throws {
    var node = try ConfigNode(yaml: "rtsp: {port: 9000}\nuplinks: [{name: p, control: 'h:1', media: 'rtsp://h:2'}]")
    try node.set("rtsp.rtpPorts", to: ConfigNode(yaml: "3000-3009"))
    try node.set("access.openAnywhere", to: .scalar("true"))
    let settings = try Settings(node)
    #expect(settings.rtsp.port == 9000)
    #expect(settings.rtsp.rtpPorts == 3000...3009)
    #expect(settings.access.openAnywhere)
    #expect(settings.uplinks.first?.streams == ["**"])
    #expect(throws: Fault.self) { try node.set("rtsp.port.deeper", to: .scalar("1")) }
  }
}
