import Access
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

  private func settings(_ yaml: String, _ folder: String) throws -> NodeSettings {
    let path = folder + "/node.yaml"
    try yaml.write(toFile: path, atomically: true, encoding: .utf8)
    return try MachineChecks.settings(configuration: path, dataFolder: folder + "/data").get()
  }

  @Test("each port of the configuration is tried, and only the one that is taken fails")
  func ports() throws {
    let temporary = try TemporaryFolder()
    let ports = try FreePorts.find(3)
    let taken = try Occupied(try FreePorts.find(1)[0])
    let findings = MachineChecks.ports(
      try settings(
        "{rtsp: {port: \(ports[0])}, rtmp: {port: \(ports[1])}, http: {port: \(taken.port)}, control: {port: \(ports[2])}}", temporary.path))
    #expect(findings.map(\.fault) == [nil, nil, Fault(.portInUse, String(taken.port)), nil])
    #expect(findings.map(\.detail).first == "RTSP \(ports[0]) 空闲 free")
    withExtendedLifetime(taken) {}
  }

  @Test(
    "a configuration that cannot be read or is wrong is one finding, as it keeps a node from starting",
    arguments: [
      (nil, FaultCode.configUnreadable), ("rtsp: {prot: 1}", .configUnknownKey), ("devices: [{name: a}, {name: a}]", .configInvalid),
    ])
  func configuration(yaml: String?, code: FaultCode) throws {
    let temporary = try TemporaryFolder()
    let folder = temporary.path
    try yaml?.write(toFile: folder + "/node.yaml", atomically: true, encoding: .utf8)
    guard case .failure(let fault) = MachineChecks.settings(configuration: folder + "/node.yaml", dataFolder: folder) else {
      Issue.record("not refused")
      return
    }
    #expect(fault.code == code)
  }

  @Test("the data folder is looked at and nothing is made; one that cannot be made or written, or is another node's, fails")
  func dataFolder() throws {
    let temporary = try TemporaryFolder()
    let folder = temporary.path
    let finding = MachineChecks.dataFolder(folder + "/new/data")
    #expect(finding.detail.hasPrefix(folder + "/new/data · 可用 free ") && finding.detail.hasSuffix("首次启动时创建 made at the first start"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    try Data().write(to: URL(fileURLWithPath: folder + "/file"))
    #expect(MachineChecks.dataFolder(folder + "/file/data").fault?.code == .pathWrong)
    #expect(MachineChecks.dataFolder(folder + "/file").fault?.code == .pathWrong)
    try FileManager.default.createDirectory(atPath: folder + "/used/journal", withIntermediateDirectories: true)
    let lock = open(folder + "/used/journal/lock", O_RDWR | O_CREAT, 0o600)
    defer { close(lock) }
    #expect(MachineChecks.dataFolder(folder + "/used").fault == nil)
    #expect(flock(lock, LOCK_EX) == 0)
    #expect(MachineChecks.dataFolder(folder + "/used").fault?.code == .dataFolderInUse)
  }

  @Test("policies that are missing and open access beyond loopback are refused as serve refuses them")
  func refusals() throws {
    let temporary = try TemporaryFolder()
    let config = TestNode.configuration
    let rules = MachineChecks.rules(try settings("measure: {policy: nosuch}", temporary.path), configuration: config)
    #expect(rules.map(\.fault?.code) == [.configUnreadable])
    #expect(MachineChecks.rules(try settings("", temporary.path), configuration: config).allSatisfy { $0.fault == nil })
    let open = MachineChecks.keys(try settings("bind: 0.0.0.0", temporary.path))
    #expect(open.first?.fault?.code == .openBindRefused)
    #expect(!FileManager.default.fileExists(atPath: temporary.path + "/data"))
  }

  @Test("an expired key is a warning, a node key that cannot be used a failure, and neither is touched")
  func keys() throws {
    let temporary = try TemporaryFolder()
    let settings = try settings("access: {mode: keys}", temporary.path)
    let old = AccessKey.make(
      name: "old", paths: ["a"], publish: true, read: false, role: .field, now: WallTime(nanoseconds: 0), expires: WallTime(nanoseconds: 1))
    try AccessStore(dataFolder: settings.dataFolder).add(old.key)
    let findings = MachineChecks.keys(settings)
    #expect(findings.map(\.fault?.code) == [.keyExpired, nil] && findings.allSatisfy { !$0.isFailure })
    try Data("no key".utf8).write(to: URL(fileURLWithPath: settings.dataFolder + "/keys/node.key"))
    #expect(MachineChecks.keys(settings).last?.fault?.code == .keyFileBroken)
    #expect(try String(contentsOfFile: settings.dataFolder + "/keys/node.key", encoding: .utf8) == "no key")
  }

  @Test("RTP ports are tried in pairs; none free is a failure")
  func mediaPorts() throws {
    let held = try Datagrams()
    let port = UInt16(held.port)
    let one = port % 2 == 0 ? port...port + 1 : port - 1...port
    #expect(MachineChecks.mediaPorts(one).fault?.code == .portInUse)
    #expect(MachineChecks.mediaPorts(nil).fault == nil)
    withExtendedLifetime(held) {}
  }

  @Test("an uplink that is not paired, or does not answer, is a warning that names it; an address that is none a failure")
  func uplinks() async throws {
    let temporary = try TemporaryFolder()
    let free = try FreePorts.find(1)[0]
    let findings = await MachineChecks.uplinks(
      try settings(
        """
        uplinks: [{name: alone, control: '127.0.0.1:1', media: 'rtsp://h'}, {name: far, control: '127.0.0.1:\(free)', media: 'rtsp://h', peerKey: ab},
          {name: odd, control: '127.0.0.1:1', media: 'http://h', peerKey: ab}]
        """, temporary.path))
    #expect(findings.map(\.fault?.code) == [nil, .notPaired, .peerUnreachable, .configInvalid])
    #expect(findings.map(\.isFailure) == [false, false, false, true])
  }
}

/// A UDP socket on a loopback port for as long as it is kept.
private final class Datagrams {
  let port: Int
  private let file: Int32

  init() throws {
    file = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let file = file
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(file, $0, length) == 0 && getsockname(file, $0, &length) == 0 }
    }
    try #require(bound)
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  deinit { close(file) }
}
