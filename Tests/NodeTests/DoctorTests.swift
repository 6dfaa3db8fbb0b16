import FirstFrameTesting
import Foundation
import Model
import Testing

@testable import firstframe

@Suite("firstframe doctor")
struct DoctorTests {
  private let name = Bilingual(zh: "端口", en: "port")

  @Test("a finding without a fault is one line with a tick")
  func well() {
    let finding = Finding(name: name, detail: "RTSP 8554 空闲 free")
    #expect(finding.lines == ["✓ 端口 port: RTSP 8554 空闲 free"])
    #expect(!finding.isFailure)
    #expect(finding.json.text == #"{"detail":"RTSP 8554 空闲 free","fault":null,"name":"port","ok":true,"warning":false}"#)
  }

  @Test("a fault is shown with what to do; a warning does not fail the check")
  func faults() {
    let failure = Finding(name: name, fault: Fault(.portInUse, "8554"), detail: "RTSP 8554")
    #expect(failure.isFailure)
    #expect(failure.lines == ["✗ 端口 port: RTSP 8554", "    → 停止占用的程序或改用其他端口 | Stop the other program or choose another port"])
    var warning = failure
    warning.isWarning = true
    #expect(!warning.isFailure)
    #expect(warning.lines.first == "⚠ 端口 port: RTSP 8554")
    #expect(warning.json["ok"] == false)
    #expect(warning.json["warning"] == true)
    #expect(warning.json["fault"]?["code"] == "portInUse")
  }

  @Test("each port of the configuration is tried, and only the one that is taken fails")
  func ports() throws {
    let temporary = try TemporaryFolder()
    let folder = temporary.path
    let ports = try FreePorts.find(3)
    let taken = try Occupied(try FreePorts.find(1)[0])
    let yaml = "{rtsp: {port: \(ports[0])}, rtmp: {port: \(ports[1])}, http: {port: \(taken.port)}, control: {port: \(ports[2])}}"
    try yaml.write(toFile: folder + "/node.yaml", atomically: true, encoding: .utf8)
    let findings = MachineChecks.ports(configuration: folder + "/node.yaml", dataFolder: folder)
    #expect(findings.map(\.fault) == [nil, nil, Fault(.portInUse, String(taken.port)), nil])
    #expect(findings.map(\.detail).first == "RTSP \(ports[0]) 空闲 free")
    withExtendedLifetime(taken) {}
  }

  @Test(
    "a configuration that cannot be read or is wrong is one finding",
    arguments: [(nil, FaultCode.configUnreadable), ("rtsp: {prot: 1}", .configUnknownKey)])
  func configuration(yaml: String?, code: FaultCode) throws {
    let temporary = try TemporaryFolder()
    let folder = temporary.path
    try yaml?.write(toFile: folder + "/node.yaml", atomically: true, encoding: .utf8)
    let findings = MachineChecks.ports(configuration: folder + "/node.yaml", dataFolder: folder)
    #expect(findings.map(\.fault?.code) == [code])
  }

  @Test("the data folder is made, tried and left as it was; one that cannot be made fails")
  func dataFolder() throws {
    let temporary = try TemporaryFolder()
    let folder = temporary.path
    let finding = MachineChecks.dataFolder(folder + "/data")
    #expect(finding.detail.hasPrefix(folder + "/data · 可用 free "))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/data").isEmpty)
    try Data().write(to: URL(fileURLWithPath: folder + "/file"))
    #expect(MachineChecks.dataFolder(folder + "/file/data").fault?.code == .diskFailed)
  }
}
