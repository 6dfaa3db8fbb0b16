import Foundation
import Model
import Testing

@testable import Access

@Suite("Access")
struct AccessPolicyTests {
  private func withFolder<T>(_ body: (String) throws -> T) throws -> T {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("firstframe-access-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
  }

  private func make(_ name: String, _ paths: [String], publish: Bool = false, read: Bool = false, _ role: AccessRole = .field) -> (
    key: AccessKey, secret: String
  ) {
    AccessKey.make(name: name, paths: paths, publish: publish, read: read, role: role, now: WallTime(nanoseconds: 0))
  }

  private func isAllowed(_ decision: AccessPolicy.Decision) -> Bool { if case .allowed = decision { true } else { false } }

  private func refusal(_ decision: AccessPolicy.Decision) -> FaultCode? {
    if case .refused(let fault) = decision { fault.code } else { nil }
  }

  @Test("open access beyond loopback is refused unless asked for on purpose")
  func openBind() throws {
    try withFolder { folder in
      let store = try AccessStore(dataFolder: folder)
      #expect(throws: Fault.self) { try AccessPolicy(mode: .open, bind: "0.0.0.0", openAnywhere: false, store: store) }
      #expect(throws: Fault.self) { try AccessPolicy(mode: .open, bind: "127.evil.example", openAnywhere: false, store: store) }
      _ = try AccessPolicy(mode: .open, bind: "0.0.0.0", openAnywhere: true, store: store)
      _ = try AccessPolicy(mode: .open, bind: "127.0.0.1", openAnywhere: false, store: store)
    }
  }

  @Test("without a key nothing is open, and a key opens its own paths and actions only")
  func denyByDefault() throws {
    try withFolder { folder in
      let store = try AccessStore(dataFolder: folder)
      let policy = try AccessPolicy(mode: .keys, bind: "0.0.0.0", openAnywhere: false, store: store)
      let cam = try #require(StreamName("live/cam1"))
      let other = try #require(StreamName("live/cam2"))
      #expect(refusal(policy.decide(.publish, stream: cam, credentials: .none)) == .credentialsMissing)
      #expect(refusal(policy.decide(.publish, stream: cam, credentials: .token("guess"))) == .credentialsWrong)
      let made = make("cam1", ["live/cam1"], publish: true)
      try store.add(made.key)
      #expect(isAllowed(policy.decide(.publish, stream: cam, credentials: .token(made.secret))))
      #expect(isAllowed(policy.decide(.publish, stream: cam, credentials: .token("cam1:\(made.secret)"))))
      #expect(isAllowed(policy.decide(.publish, stream: cam, credentials: .userPassword(user: "cam1", password: made.secret))))
      #expect(refusal(policy.decide(.publish, stream: other, credentials: .token(made.secret))) == .accessDenied)
      #expect(refusal(policy.decide(.read, stream: cam, credentials: .token(made.secret))) == .accessDenied)
      #expect(refusal(policy.decide(.incidentsWrite, credentials: .token(made.secret))) == .accessDenied)
      #expect(refusal(policy.decide(.publish, stream: cam, credentials: .userPassword(user: "cam1", password: "x"))) == .credentialsWrong)
      try store.revoke("cam1")
      #expect(refusal(policy.decide(.publish, stream: cam, credentials: .token(made.secret))) == .credentialsWrong)
    }
  }

  @Test("the file keeps no secret, is private, and another process's keys are seen after a reload")
  func file() throws {
    try withFolder { folder in
      let made = make("drone", ["live/**"], publish: true)
      let running = try AccessStore(dataFolder: folder)
      try AccessStore(dataFolder: folder).add(made.key)
      #expect(running.all.isEmpty)
      try running.reload()
      #expect(running.all == [made.key])
      let path = folder + "/keys/access.json"
      #expect(try !String(contentsOfFile: path, encoding: .utf8).contains(made.secret))
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
      #expect(throws: Fault(.keyExists, "drone")) { try running.add(made.key) }
      try Data("{".utf8).write(to: URL(fileURLWithPath: path))
      #expect(throws: Fault.self) { try running.reload() }
      #expect(running.all == [made.key])
    }
  }

  @Test("HA1 is MD5 of name:FirstFrame:secret, as python's hashlib computes it")
  func ha1() {
    let made = make("cam", [])
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", "import hashlib,sys;print(hashlib.md5(sys.argv[1].encode()).hexdigest())", "cam:FirstFrame:\(made.secret)"]
    let output = Pipe()
    process.standardOutput = output
    #expect(throws: Never.self) { try process.run() }
    let digest = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(digest == made.key.ha1)
  }

  @Test("each role may do exactly this", arguments: AccessRole.allCases)
  func roles(role: AccessRole) {
    let expected: [AccessRole: Set<AccessAction>] = [
      .field: [.publish, .read],
      .hall: [.publish, .read, .streamsRead, .incidentsRead, .incidentsWrite, .metricsRead, .factsRead, .archiveRead],
      .inspector: [.read, .streamsRead, .incidentsRead, .metricsRead, .factsRead, .archiveRead],
      .admin: Set(AccessAction.allCases),
    ]
    #expect(Set(AccessAction.allCases.filter { $0.isAllowed(to: role) }) == expected[role])
  }

  @Test(
    "patterns match segment by segment",
    arguments: [
      ("live/cam1", "live/cam1", true), ("live/*", "live/cam1", true), ("live/*", "live/a/b", false), ("**", "a/b/c", true),
      ("live/**", "live", true),
      ("*/live/**", "deqing/live/cam1", true), ("live/cam*", "live/cam", true), ("live/*1", "live/cam12", false), ("live/c*m*1", "live/cxmxm1", true),
      ("", "live", false), ("live/cam1", "live/cam1/x", false),
    ])
  func globs(pattern: String, path: String, expected: Bool) { #expect(AccessGlob(pattern: pattern).matches(path) == expected) }

  @Test("ten failures within a minute block an address until the minute is over")
  func failures() {
    var limit = FailureLimit()
    let start = BootTime(nanoseconds: 1_000_000_000_000)
    for _ in 0..<FailureLimit.allowed {
      #expect(!limit.isBlocked("10.0.0.1", at: start))
      limit.failed("10.0.0.1", at: start)
    }
    #expect(limit.isBlocked("10.0.0.1", at: start + .seconds(59)))
    #expect(!limit.isBlocked("10.0.0.2", at: start))
    #expect(!limit.isBlocked("10.0.0.1", at: start + .seconds(60)))
  }
}
