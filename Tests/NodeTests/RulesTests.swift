import FirstFrameTesting
import Foundation
import Measure
import Model
import Settings
import SettingsFile
import Testing

@testable import firstframe

@Suite("Policies and profiles")
struct RulesTests {
  private let files = RuleFiles(folder: URL(fileURLWithPath: TestNode.configuration).deletingLastPathComponent().path)

  private func measuring(_ yaml: String) throws(Fault) -> MeasuringSettings {
    try ConfigReader.read(try ConfigNode(yaml: yaml), MeasuringSettings.init)
  }

  @Test("the shipped policies and profiles are those of the default configuration")
  func shipped() throws {
    let rules = try NodeRules(measuring(""), files: files)
    #expect(rules.response.id == "thirty-minute")
    #expect(rules.connection.kind == .connection)
    #expect(rules.field.id == "field-mobile")
    #expect(rules.fixed.id == "gb-fixed")
  }

  @Test("a policy of another kind cannot judge connection attempts")
  func kind() {
    let fault = #expect(throws: Fault.self) { try NodeRules(measuring("connectionPolicy: thirty-minute"), files: files) }
    #expect(fault == Fault(.configInvalid, "measure.connectionPolicy: thirty-minute is of another kind"))
  }

  @Test(
    "a rule's name is a name and no path",
    arguments: [("../firstframe", FaultCode.configInvalid), ("a/b", .configInvalid), ("", .configInvalid), ("none", .configUnreadable)])
  func names(name: String, code: FaultCode) {
    let policy = #expect(throws: Fault.self) { try files.policy(name) }
    #expect(policy?.code == code)
    let profile = #expect(throws: Fault.self) { try files.profile(name) }
    #expect(profile?.code == code)
  }

  @Test("rules beside the configuration come before those of the program")
  func beside() throws {
    let temporary = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: temporary.path + "/policies", withIntermediateDirectories: true)
    #expect(try RuleFiles.locate(beside: temporary.path + "/node.yaml").folder == temporary.path)
    #expect(try RuleFiles.locate(beside: temporary.path + "/elsewhere/node.yaml").folder != temporary.path)
  }

  @Test("a rule is named by the SHA-256 of its canonical text")
  func hash() {
    // The value of FIPS 180-2, appendix B.1.
    #expect(RuleFiles.sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }
}

@Suite("Windows are judged by the profile of their link")
struct QualityJudgeTests {
  private let facts = FactList()

  private func window(_ stream: String, _ hop: Hop) throws -> QualityWindow {
    QualityWindow(
      stream: try #require(StreamName(stream)), hop: hop, session: "s", method: .tcp, index: 0, from: BootTime(nanoseconds: 0),
      to: BootTime(nanoseconds: 60_000_000_000))
  }

  private func judge() throws -> QualityJudge {
    let folder = URL(fileURLWithPath: TestNode.configuration).deletingLastPathComponent().path
    let rules = try NodeRules(ConfigReader.read(nil, MeasuringSettings.init), files: RuleFiles(folder: folder))
    return QualityJudge(field: rules.field, fixed: rules.fixed, facts: facts) { $0.path == "live/tower" ? .highPoint : nil }
  }

  private var profiles: [String] { facts.all(FactKind.qualityWindow).compactMap { $0["profile"]?["id"]?.stringValue } }

  @Test("devices by the field profile; high points, and links between centres, by the fixed one")
  func profile() throws {
    let judge = try judge()
    judge.closed(try window("live/solo", .device))
    judge.closed(try window("live/tower", .device))
    judge.closed(try window("county/live/solo", .centre))
    #expect(profiles == ["field-mobile", "gb-fixed", "gb-fixed"])
  }

  @Test("a profile is embedded whole before the first verdict that names it, and once")
  func embedded() throws {
    let judge = try judge()
    for _ in 0..<3 { judge.closed(try window("live/solo", .device)) }
    judge.closed(try window("live/tower", .device))
    #expect(
      facts.kinds == [
        FactKind.profileEmbedded, FactKind.qualityWindow, FactKind.qualityWindow, FactKind.qualityWindow, FactKind.profileEmbedded,
        FactKind.qualityWindow,
      ])
    let embedded = try #require(facts.all(FactKind.profileEmbedded).first)
    #expect(embedded["what"] == "profile")
    #expect(embedded["id"] == "field-mobile")
    #expect(embedded["sha256"]?.stringValue == embedded["body"].map { RuleFiles.sha256($0.text) })
    #expect(facts.all(FactKind.qualityWindow).first?["profile"]?["sha256"] == embedded["sha256"])
  }
}
