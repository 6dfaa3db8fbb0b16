import Glibc
import Model
import Testing

@testable import Journal

@Suite("A journal that is opened again")
struct JournalRecoveryTests {
  let folder: TemporaryFolder
  let identity: NodeIdentity

  init() async throws {
    folder = try TemporaryFolder()
    identity = try NodeIdentity.load(dataFolder: folder.path)
    let journal = try Journal.test(folder, identity: identity) { $0.headInterval = .seconds(3600) }
    for number in 0..<5 { _ = try await journal.commit("stream.gap", ["n": .int(Int64(number))]) }
    await journal.close()
  }

  var first: String { folder.path + "/journal/journal-000001.jsonl" }
  var heads: String { folder.path + "/journal/heads.jsonl" }

  /// As kill -9 leaves it: without `node.stopped` and the head at the close.
  func undoClose() throws {
    try write(Array(try lines(of: first).dropLast().joined()), to: first)
    try write(Array(try lines(of: heads).dropLast().joined()), to: heads)
  }

  @Test("A torn tail is cut off, kept in quarantine and told by a fact", arguments: [1, 17, 200])
  func torn(kept: Int) async throws {
    try undoClose()
    let before = try bytes(of: first)
    let tail = Array(#"{"v":1,"node":"county","boot":"b0071d00","seq":7,"boottimeNs":99"#.utf8) + Array(repeating: 0, count: 200)
    try write(before + tail.prefix(kept), to: first)
    #expect(Journal.verify(dataFolder: folder.path).map(\.kind) == [.tornTail])
    let journal = try Journal.test(folder, identity: identity)
    await journal.close()
    #expect(Journal.verify(dataFolder: folder.path) == [])
    let after = try bytes(of: first)
    #expect(after.starts(with: before))
    let (facts, problem) = Journal.read(dataFolder: folder.path)
    #expect(problem == nil)
    #expect(facts.map(\.kind).suffix(3) == [FactKind.recovered, FactKind.nodeStarted, FactKind.nodeStopped])
    let recovered = try #require(facts.first { $0.kind == FactKind.recovered })
    #expect(recovered["bytesCut"] == .int(Int64(kept)))
    #expect(recovered["lastSeq"] == 6)
    let quarantine = try Disk.entries(folder.path + "/journal/quarantine")
    #expect(quarantine == ["journal-000001.jsonl-\(before.count)-1"])
    #expect(try bytes(of: folder.path + "/journal/quarantine/" + quarantine[0]) == Array(tail.prefix(kept)))
  }

  @Test("A last line that is whole in length but not inside, as a power cut may leave it, is a torn tail too")
  func hollow() async throws {
    try undoClose()
    var all = try lines(of: first)
    let last = all.count - 1
    for index in all[last].count - 60..<all[last].count - 3 { all[last][index] = 0 }
    try write(Array(all.joined()), to: first)
    let journal = try Journal.test(folder, identity: identity)
    await journal.close()
    #expect(Journal.verify(dataFolder: folder.path) == [])
    let facts = Journal.read(dataFolder: folder.path).facts
    #expect(facts.map(\.kind).suffix(3) == [FactKind.recovered, FactKind.nodeStarted, FactKind.nodeStopped])
    #expect(facts.first { $0.kind == FactKind.recovered }?["lastSeq"] == 5)
    #expect(journal.recent().count == facts.count)
  }

  @Test("A torn line of the heads is cut off as well")
  func tornHead() async throws {
    let before = try bytes(of: heads)
    try write(before + Array("{\"v\":1,\"ch".utf8), to: heads)
    #expect(Journal.verify(dataFolder: folder.path).map(\.kind) == [.tornTail])
    let journal = try Journal.test(folder, identity: identity)
    await journal.close()
    #expect(Journal.verify(dataFolder: folder.path) == [])
    #expect(try bytes(of: heads).starts(with: before))
    #expect(Journal.read(dataFolder: folder.path).facts.contains { $0["headBytesCut"] == 10 })
  }

  @Test("A clean start tells of no recovery")
  func clean() async throws {
    let journal = try Journal.test(folder, identity: identity)
    await journal.close()
    #expect(!Journal.read(dataFolder: folder.path).facts.contains { $0.kind == FactKind.recovered })
  }

  @Test("A broken line with whole lines after it is no torn tail: the file stays as it is and a new one begins")
  func damaged() async throws {
    var damaged = try lines(of: first)
    damaged[2][40] ^= 1
    let left = Array(damaged.joined())
    try write(left, to: first)
    let journal = try Journal.test(folder, identity: identity)
    let fact = try await journal.commit("verdict", [:])
    await journal.close()
    #expect(try bytes(of: first) == left)
    #expect(fact.sequence == 10)
    let second = try lines(of: folder.path + "/journal/journal-000002.jsonl").map { try JournalLine.parse($0) }
    #expect(second.map(\.kind) == [FactKind.journalDamaged, FactKind.nodeStarted, "verdict", FactKind.nodeStopped])
    // The damage stays in sight for ever, where it is, and nowhere else.
    let problems = Journal.verify(dataFolder: folder.path)
    #expect(problems.map(\.file) == ["journal/journal-000001.jsonl"])
    #expect(problems.map(\.line) == [3])
  }

  @Test("A tail that was cut off whole, behind a head's back, is told at start and stays in sight")
  func cutBehindHead() async throws {
    try write(Array(try lines(of: first).dropLast(3).joined()), to: first)
    #expect(Journal.verify(dataFolder: folder.path).map(\.kind) == [.cutTail])
    let journal = try Journal.test(folder, identity: identity)
    for _ in 0..<5 { _ = try await journal.commit("verdict", [:]) }
    await journal.close()
    let facts = Journal.read(dataFolder: folder.path).facts
    #expect(facts.contains { $0.kind == FactKind.journalDamaged })
    #expect(Journal.verify(dataFolder: folder.path).contains { $0.kind == .changed && $0.detail.contains("head 7") })
  }

  @Test("An empty file after a rotation that a crash cut short is gone on with")
  func emptyLast() async throws {
    try write([], to: folder.path + "/journal/journal-000002.jsonl")
    let journal = try Journal.test(folder, identity: identity)
    let fact = try await journal.commit("verdict", [:])
    await journal.close()
    #expect(fact.sequence == 9)
    #expect(Journal.verify(dataFolder: folder.path) == [])
    #expect(try lines(of: folder.path + "/journal/journal-000002.jsonl").count == 3)
  }

  @Test("A file that is missing between two others is named")
  func missingFile() async throws {
    try write([], to: folder.path + "/journal/journal-000003.jsonl")
    #expect(Journal.verify(dataFolder: folder.path).map(\.description).first?.contains("journal-000002.jsonl:0") == true)
    let reader = JournalReader(dataFolder: folder.path)
    #expect {
      while try reader.next() != nil {}
    } throws: {
      ($0 as? JournalProblem)?.kind == .missingFile && ($0 as? JournalProblem)?.file == "journal/journal-000002.jsonl"
    }
    #expect(reader.position.sequence == 7)
  }
}
