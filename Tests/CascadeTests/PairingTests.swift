import FirstFrameTesting
import Foundation
import Journal
import Model
import Testing

@testable import Cascade

@Suite("Pairing and the nodes that were paired")
struct PairingTests {
  private let folder = Sample.folder()
  private let now = WallTime(nanoseconds: 1_795_000_000_000_000_000)

  @Test("peers are on the disk when they are remembered, and are there again for another process")
  func peers() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (first, second) = (try NodeIdentity.temporary().publicKey, try NodeIdentity.temporary().publicKey)
    let store = try PeerStore(dataFolder: folder)
    #expect(store.all.isEmpty && store.key(of: "wukang") == nil)
    try store.remember("wukang", first)
    try store.remember("anji", first)
    let other = try PeerStore(dataFolder: folder)
    #expect(other.all == ["wukang": first, "anji": first])
    // Paired anew, perhaps by the command line while the node runs.
    try other.remember("wukang", second)
    #expect(store.key(of: "wukang") == first)
    try store.reload()
    #expect(store.key(of: "wukang") == second)
    let mode = try FileManager.default.attributesOfItem(atPath: folder + "/keys/peers.json")[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test("a file of peers that cannot be read is an error that names it, never an empty store")
  func broken() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Disk.makeFolder(folder + "/keys")
    for text in ["", "[]", #"{"peers":{"a":"zz"}}"#, #"{"peers":{"a":"00"}}"#, #"{"peers":{"a":1}}"#] {
      try Disk.replace(folder + "/keys/peers.json", with: Array(text.utf8))
      let fault = #expect(throws: Fault.self, "\(text)") { try PeerStore(dataFolder: folder) }
      #expect(fault?.code == .keyFileBroken)
    }
  }

  @Test("a code is twelve characters that are not mistaken for one another, and is read as it was spoken")
  func codes() {
    let codes = (0..<200).map { _ in PairingCode() }
    #expect(Set(codes).count == 200)
    for code in codes {
      #expect(code.text.count == 12 && code.text.allSatisfy { !"01IO".contains($0) })
      #expect(PairingCode(typed: code.forReading.lowercased()) == code)
      #expect(PairingCode(typed: "  \(code.text) ") == code)
    }
    for typed in ["", "ABCD", "ABCD-EFGH-JKL0", "ABCD-EFGH-JKLM-N", "ABCD-EFGH-JKL中"] { #expect(PairingCode(typed: typed) == nil, "\(typed)") }
  }

  @Test("a code waits ten minutes for one use and five attempts, over restarts")
  func pending() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(try PendingPairing.load(dataFolder: folder, now: now) == nil)
    let made = try PendingPairing.create(dataFolder: folder, now: now)
    #expect(try PendingPairing.load(dataFolder: folder, now: now)?.code == made.code)
    let almost = WallTime(nanoseconds: now.nanoseconds + 599_000_000_000)
    #expect(try PendingPairing.load(dataFolder: folder, now: almost)?.code == made.code)
    #expect(try PendingPairing.load(dataFolder: folder, now: WallTime(nanoseconds: now.nanoseconds + 600_000_000_000)) == nil)
    try PendingPairing.remove(dataFolder: folder)
    #expect(try PendingPairing.load(dataFolder: folder, now: now) == nil)
    try Disk.replace(PendingPairing.path(folder), with: Array("{".utf8))
    #expect(try PendingPairing.load(dataFolder: folder, now: now) == nil)
  }

  @Test("whoever stands between the two and puts in another key, name or proof is found out by both")
  func between() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (lower, upper, thief) = (try NodeIdentity.temporary(), try NodeIdentity.temporary(), try NodeIdentity.temporary())
    let code = try PendingPairing.create(dataFolder: folder, now: now).code
    let (request, nonce) = PairingExchange.request(node: "wukang", key: lower.publicKey, code: code)
    func changed(_ bytes: [UInt8], _ changes: [String: JSON]) throws -> [UInt8] {
      let fields = try #require(try JSON(parsing: bytes).objectValue)
      return Array(JSON.object(fields.merging(changes) { $1 }).text.utf8)
    }
    for change in [["key": JSON.string(Hex.encode(thief.publicKey.raw))], ["node": "anji"], ["nonce": "00"], ["proof": "00"]] {
      let forged = try changed(request, change)
      #expect(throws: Fault(.pairingCodeWrong), "\(change)") {
        try PairingExchange.answer(forged, node: "zhejiang", key: upper.publicKey, dataFolder: folder, now: now)
      }
    }
    let done = try PairingExchange.answer(request, node: "zhejiang", key: upper.publicKey, dataFolder: folder, now: now)
    #expect(done.peer.node == "wukang" && done.peer.key == lower.publicKey)
    for change in [["key": JSON.string(Hex.encode(thief.publicKey.raw))], ["node": "other"], ["proof": "00"], ["node": "a/b"]] {
      let forged = try changed(done.answer, change)
      #expect(throws: Fault(.pairingCodeWrong), "\(change)") { try PairingExchange.conclude(forged, nonce: nonce, code: code) }
    }
    #expect(try PairingExchange.conclude(done.answer, nonce: nonce, code: code).key == upper.publicKey)
    #expect(throws: Fault(.pairingExpired)) {
      try PairingExchange.conclude(PairingExchange.refusal(Fault(.pairingExpired)), nonce: nonce, code: code)
    }
  }

  @Test("mutants of a request neither trap nor pair anybody but the one who knows the code")
  func fuzz() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (lower, upper) = (try NodeIdentity.temporary(), try NodeIdentity.temporary())
    let code = PairingCode()
    let (request, nonce) = PairingExchange.request(node: "wukang", key: lower.publicKey, code: code)
    var mutator = Mutator(seed: 5)
    for _ in 0..<400 {
      let mutant = mutator.mutate(request)
      try PendingPairing(code: code, expires: WallTime(nanoseconds: .max), attemptsLeft: 5).store(folder)
      guard let done = try? PairingExchange.answer(mutant, node: "zhejiang", key: upper.publicKey, dataFolder: folder, now: now) else { continue }
      // Only what is not signed may differ: a digit's case, a member that nobody reads.
      #expect(done.peer.node == "wukang" && done.peer.key == lower.publicKey)
      _ = try? PairingExchange.conclude(mutator.mutate(done.answer), nonce: nonce, code: code)
    }
  }

  @Test("the door makes a fact of each pairing, and of each refusal with its reason")
  func door() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (lower, upper) = (try NodeIdentity.temporary(), try NodeIdentity.temporary())
    let (facts, peers) = (FactList(), try PeerStore(dataFolder: folder))
    let door = PairingDoor(node: "zhejiang", identity: upper, peers: peers, dataFolder: folder, clock: SystemClock(), facts: facts)
    func ask(_ request: [UInt8]) async -> [UInt8] {
      await withCheckedContinuation { continuation in door.answer(request, of: "10.0.0.9:5") { continuation.resume(returning: $0) } }
    }
    let code = try PendingPairing.create(dataFolder: folder, now: SystemClock().wallTime()).code
    let wrong = PairingExchange.request(node: "wukang", key: lower.publicKey, code: PairingCode())
    #expect(try JSON(parsing: await ask(wrong.bytes))["code"] == "pairingCodeWrong")
    #expect(peers.all.isEmpty)
    let right = PairingExchange.request(node: "wukang", key: lower.publicKey, code: code)
    let answer = await ask(right.bytes)
    #expect(try PairingExchange.conclude(answer, nonce: right.nonce, code: code).node == "zhejiang")
    #expect(peers.key(of: "wukang") == lower.publicKey)
    #expect(try JSON(parsing: await ask([1, 2]))["code"] == "linkMalformed")
    #expect(facts.facts.map(\.kind) == ["access.refused", "link.paired", "access.refused"])
    #expect(facts.facts.first?.fields == ["what": "link", "action": "pairing", "peer": "10.0.0.9:5", "code": "pairingCodeWrong"])
    #expect(facts.facts[1].fields == ["county": "wukang", "peer": .string(lower.fingerprint)])
  }

  private func door(_ upper: NodeIdentity, _ peers: PeerStore, _ facts: FactList = FactList()) -> @Sendable ([UInt8]) async -> [UInt8] {
    let door = PairingDoor(node: "zhejiang", identity: upper, peers: peers, dataFolder: folder, clock: SystemClock(), facts: facts) { $0 == "live" }
    return { request in
      await withCheckedContinuation { continuation in door.answer(request, of: "10.0.0.9:5") { continuation.resume(returning: $0) } }
    }
  }

  @Test("five attempts are five, however many ask at once; the right code afterwards pairs nobody")
  func attempts() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (lower, upper) = (try NodeIdentity.temporary(), try NodeIdentity.temporary())
    let peers = try PeerStore(dataFolder: folder)
    let ask = door(upper, peers)
    let code = try PendingPairing.create(dataFolder: folder, now: SystemClock().wallTime()).code
    let answers = await withTaskGroup(of: [UInt8].self) { group in
      for _ in 0..<64 { group.addTask { await ask(PairingExchange.request(node: "wukang", key: lower.publicKey, code: PairingCode()).bytes) } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    let codes = try answers.map { try JSON(parsing: $0)["code"]?.stringValue ?? "" }
    let looked = codes.filter { $0 == "pairingCodeWrong" }.count
    #expect(looked <= 5)
    #expect(Set(codes).isSubset(of: ["pairingCodeWrong", "pairingExpired", "tooManyAttempts"]))
    // What was refused unread used no attempt up.
    for _ in looked..<5 { _ = await ask(PairingExchange.request(node: "wukang", key: lower.publicKey, code: PairingCode()).bytes) }
    #expect(try JSON(parsing: await ask(PairingExchange.request(node: "wukang", key: lower.publicKey, code: code).bytes))["code"] == "pairingExpired")
    #expect(peers.all.isEmpty)
  }

  @Test("no county pairs under a name of the node's own streams or the node's own name, and none takes a paired county's place without a person")
  func names() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (lower, other, upper) = (try NodeIdentity.temporary(), try NodeIdentity.temporary(), try NodeIdentity.temporary())
    let peers = try PeerStore(dataFolder: folder)
    let ask = door(upper, peers)
    func pair(_ name: String, _ identity: NodeIdentity, replaces: String? = nil) async throws -> String {
      let code = try PendingPairing.create(dataFolder: folder, now: SystemClock().wallTime(), replaces: replaces).code
      let answer = try JSON(parsing: await ask(PairingExchange.request(node: name, key: identity.publicKey, code: code).bytes))
      return answer["code"]?.stringValue ?? answer["type"]?.stringValue ?? ""
    }
    #expect(try await pair("live", lower) == "pairingNameTaken")
    #expect(try await pair("zhejiang", lower) == "pairingNameTaken")
    #expect(try await pair("wukang", lower) == "paired")
    #expect(try await pair("wukang", lower) == "paired", "the same key again is nobody else")
    #expect(try await pair("wukang", other) == "pairingNameTaken")
    #expect(try await pair("wukang", other, replaces: "anji") == "pairingNameTaken")
    #expect(peers.all == ["wukang": lower.publicKey])
    #expect(try await pair("wukang", other, replaces: "wukang") == "paired")
    #expect(peers.key(of: "wukang") == other.publicKey)
  }
}
