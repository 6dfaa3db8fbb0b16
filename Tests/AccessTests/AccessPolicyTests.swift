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

  @Test("five failures within a minute block a name at an address until the minute is over, and nobody else behind that address")
  func failures() {
    var limit = FailureLimit()
    let start = BootTime(nanoseconds: 1_000_000_000_000)
    for _ in 0..<FailureLimit.allowed {
      #expect(!limit.isBlocked("10.0.0.1", name: "cam1", at: start))
      limit.failed("10.0.0.1", name: "cam1", at: start)
    }
    #expect(limit.isBlocked("10.0.0.1", name: "cam1", at: start + .seconds(59)))
    #expect(!limit.isBlocked("10.0.0.1", name: "cam2", at: start))
    #expect(!limit.isBlocked("10.0.0.1", at: start))
    #expect(!limit.isBlocked("10.0.0.2", name: "cam1", at: start))
    #expect(!limit.isBlocked("10.0.0.1", name: "cam1", at: start + .seconds(60)))
  }

  @Test("an address that tries one name after another is blocked for all of them")
  func spraying() {
    var limit = FailureLimit()
    let start = BootTime(nanoseconds: 1_000_000_000_000)
    for number in 0..<FailureLimit.allowedForAddress { limit.failed("10.0.0.1", name: "n\(number)", at: start) }
    #expect(limit.isBlocked("10.0.0.1", name: "cam1", at: start))
    #expect(!limit.isBlocked("10.0.0.2", name: "cam1", at: start))
    // A flood of addresses neither fills the memory nor frees who was caught.
    for number in 0..<3 * FailureLimit.mostEntries { limit.failed("a\(number)", name: String(repeating: "x", count: number % 200), at: start) }
    #expect(limit.isBlocked("10.0.0.1", name: "cam1", at: start + .seconds(1)))
    #expect(MemoryLayout.size(ofValue: limit) < 64)
  }

  @Test("the first start with keys makes one admin, whose secret is shown once; never a second one")
  func firstAdmin() throws {
    try withFolder { folder in
      let store = try AccessStore(dataFolder: folder)
      let made = try #require(try store.makeFirstAdmin(now: WallTime(nanoseconds: 0)))
      let policy = try AccessPolicy(mode: .keys, bind: "0.0.0.0", openAnywhere: false, store: store)
      for action in AccessAction.allCases {
        #expect(isAllowed(policy.decide(action, stream: StreamName("live/cam1"), credentials: .token(made.secret))))
      }
      #expect(try store.makeFirstAdmin(now: WallTime(nanoseconds: 0)) == nil)
      try store.revoke("admin")
      #expect(try AccessStore(dataFolder: folder).makeFirstAdmin(now: WallTime(nanoseconds: 0)) == nil)
    }
  }

  @Test("a secret is 32 characters that need no escape in a URL, and never the same")
  func secrets() {
    var seen: Set<String> = []
    for _ in 0..<200 {
      let secret = make("cam", []).secret
      #expect(secret.utf8.count == 32)
      #expect(secret.utf8.allSatisfy { ($0 >= 48 && $0 <= 57) || ($0 >= 65 && $0 <= 90) || ($0 >= 97 && $0 <= 122) || $0 == 45 || $0 == 95 })
      seen.insert(secret)
    }
    #expect(seen.count == 200)
    // Every one of the six bits is used.
    #expect(Set(seen.joined()).count == 64)
  }

  @Test("two processes that add keys at once lose none", .timeLimit(.minutes(1)))
  func concurrent() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("firstframe-access-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<20 {
        // Each opens the file for itself, as a process of its own would.
        group.addTask { try AccessStore(dataFolder: folder).add(make("k\(number)", ["live/*"], read: true).key) }
      }
      try await group.waitForAll()
    }
    #expect(try Set(AccessStore(dataFolder: folder).all.map(\.name)) == Set((0..<20).map { "k\($0)" }))
  }

  @Test("names and paths that cannot be meant are refused", arguments: ["", "live/", "/live", "li ve/*", "../x", "a/**b", "live/**/**x", "a/b/../c"])
  func badPath(path: String) throws {
    try withFolder { folder in
      let store = try AccessStore(dataFolder: folder)
      #expect { try store.add(make("cam", [path], read: true).key) } throws: { ($0 as? Fault)?.code == .requestInvalid }
      #expect { try store.add(make(path.isEmpty ? "a/b" : path, ["live/*"], read: true).key) } throws: { ($0 as? Fault)?.code == .requestInvalid }
      #expect(store.all.isEmpty)
    }
  }

  @Test(
    "loopback is told by numbers, not by how a name begins",
    arguments: [
      ("127.0.0.1", true), ("127.8.9.10", true), ("::1", true), ("[::1]", true), ("localhost", true), ("127.0.0.example", false),
      ("127.0.0.1.example.com", false), ("127.0.0.256", false), ("127...1", false), ("0.0.0.0", false), ("", false), ("128.0.0.1", false),
    ])
  func loopback(address: String, expected: Bool) { #expect(AccessPolicy.isLoopback(address) == expected) }

  @Test("digests are checked against the key's HA1, and a name that is not there is proven against nobody's")
  func digest() throws {
    try withFolder { folder in
      let store = try AccessStore(dataFolder: folder)
      let made = make("hall", ["**"], read: true, .hall)
      try store.add(made.key)
      let policy = try AccessPolicy(mode: .keys, bind: "0.0.0.0", openAnywhere: false, store: store)
      let cam = StreamName("live/cam1")
      let ha1 = made.key.ha1
      #expect(isAllowed(policy.decide(.read, stream: cam, credentials: .digest(user: "hall") { $0 == ha1 })))
      #expect(refusal(policy.decide(.read, stream: cam, credentials: .digest(user: "hall") { _ in false })) == .credentialsWrong)
      // Even a proof that believes everything does not make a key of a name that is not there.
      #expect(refusal(policy.decide(.read, stream: cam, credentials: .digest(user: "nobody") { _ in true })) == .credentialsWrong)
      #expect(refusal(policy.decide(.read, stream: cam, credentials: .digest(user: "-") { _ in true })) == .credentialsWrong)
    }
  }

  @Test("a first administrator is made where other keys are there already, under a name that is free, and not where one of that role is or was")
  func adminAfterOthers() throws {
    try withFolder { folder in
      let store = try AccessStore(dataFolder: folder)
      try store.add(make("admin", ["live/**"], publish: true).key)
      let made = try #require(try store.makeFirstAdmin(now: WallTime(nanoseconds: 0)))
      #expect(made.key.name == "admin-2" && made.key.role == .admin)
      #expect(store.all.map(\.name) == ["admin", "admin-2"])
      #expect(try AccessStore(dataFolder: folder).makeFirstAdmin(now: WallTime(nanoseconds: 0)) == nil)
    }
    try withFolder { folder in
      let store = try AccessStore(dataFolder: folder)
      try store.add(make("boss", [], .admin).key)
      #expect(try store.makeFirstAdmin(now: WallTime(nanoseconds: 0)) == nil)
      try store.revoke("boss")
      #expect(try AccessStore(dataFolder: folder).makeFirstAdmin(now: WallTime(nanoseconds: 0)) == nil, "who revoked the last one meant it")
    }
  }

  /// A wall clock that stands where it is put.
  private struct WallClock: NodeClock {
    var wall: WallTime
    var bootID: String { "boot" }
    func bootTime() -> BootTime { BootTime(nanoseconds: 0) }
    func wallTime() -> WallTime { wall }
  }

  @Test("a key opens until its end and then is told apart from a wrong one, to whoever has the secret alone; the file keeps the end")
  func expiry() throws {
    try withFolder { folder in
      let end = try #require(WallTime("2026-12-31T16:00:00Z"))
      let made = AccessKey.make(
        name: "cam1", paths: ["live/**"], publish: true, read: false, role: .field, now: WallTime(nanoseconds: 0), expires: end)
      try AccessStore(dataFolder: folder).add(made.key)
      let store = try AccessStore(dataFolder: folder)
      #expect(store.all.first?.expires == end && store.all.first?.summary["expires"]?.stringValue == end.description)
      for (seconds, expected) in [(-1, nil), (0, .keyExpired), (86_400, .keyExpired)] as [(Int64, FaultCode?)] {
        let clock = WallClock(wall: WallTime(nanoseconds: end.nanoseconds + seconds * 1_000_000_000))
        let policy = try AccessPolicy(mode: .keys, bind: "0.0.0.0", openAnywhere: false, store: store, clock: clock)
        let stream = StreamName("live/cam1")
        #expect(refusal(policy.decide(.publish, stream: stream, credentials: .token(made.secret))) == expected)
        #expect(refusal(policy.decide(.publish, stream: stream, credentials: .token("cam1:guess"))) == .credentialsWrong)
      }
      let text = try String(contentsOfFile: folder + "/keys/access.json", encoding: .utf8)
      try text.replacing(end.description, with: "soon").write(toFile: folder + "/keys/access.json", atomically: true, encoding: .utf8)
      let fault = #expect(throws: Fault.self) { try AccessStore(dataFolder: folder) }
      #expect(fault?.code == .keyFileBroken, "an end that cannot be read makes no key without one")
    }
  }

  @Test(
    "what root adds keeps the key file's owner and mode; a new one, with its folder and lock, is the data folder's owner's",
    .enabled(if: geteuid() == 0, "needs root"))
  func owner() throws {
    try withFolder { folder in
      #expect(chown(folder, 65_534, 65_534) == 0)
      let store = try AccessStore(dataFolder: folder)
      try store.add(make("a", ["live/a"], publish: true).key)
      for path in ["keys", "keys/access.json", "keys/access.json.lock"] { #expect(try owner(folder + "/" + path).user == 65_534, "\(path)") }
      #expect(try owner(folder + "/keys/access.json").mode == 0o600)
      #expect(chown(folder + "/keys/access.json", 1, 65_534) == 0 && chmod(folder + "/keys/access.json", 0o640) == 0)
      try store.add(make("b", ["live/b"], publish: true).key)
      let kept = try owner(folder + "/keys/access.json")
      #expect(kept.user == 1 && kept.mode == 0o640)
    }
  }

  private func owner(_ path: String) throws -> (user: UInt32, mode: UInt32) {
    var state = stat()
    try #require(stat(path, &state) == 0)
    return (state.st_uid, state.st_mode & 0o777)
  }
}
