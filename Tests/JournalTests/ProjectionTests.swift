import GRDB
import Glibc
import Model
import Testing

@testable import Journal

@Suite("The projection")
struct ProjectionTests {
  let folder: TemporaryFolder
  let identity: NodeIdentity

  init() throws {
    folder = try TemporaryFolder()
    identity = try NodeIdentity.load(dataFolder: folder.path)
  }

  /// Follows into the SQLite file, or into an index that the projection knows by its interface alone.
  func follow(_ journal: Journal, _ kind: FactIndexConformanceTests.Kind) throws -> Projection {
    switch kind {
    case .sqlite: try Projection(following: journal)
    case .memory: try Projection(following: journal, into: MemoryFactIndex())
    }
  }

  var path: String { folder.path + "/index.sqlite" }

  func fill(_ journal: Journal, _ count: Int) async throws {
    for number in 0..<count {
      let stream = JSON.string("live/cam\(number % 3)")
      journal.record("stream.started", ["stream": stream, "session": .string("s\(number)")])
      if number % 5 == 0 { journal.record("incident.opened", ["incident": .string("i\(number / 5)"), "title": "'; DROP TABLE facts; --"]) }
      if number % 7 == 0 { journal.record("picture.decoded", ["incident": .string("i\(number / 35)"), "stream": stream]) }
    }
    _ = try await journal.commit("verdict", ["incident": "i0"])
  }

  @Test("Applied fact by fact, over restarts and rotations, it equals the one that is made from the journal alone")
  func equal() async throws {
    for _ in 0..<3 {
      let journal = try Journal.test(folder, identity: identity) { $0.maximumFileBytes = 4000 }
      let projection = try Projection(following: journal)
      try await fill(journal, 20)
      #expect(await projection.caughtUp(to: journal.last.sequence))
      try await fill(journal, 20)
      await journal.close()
      #expect(await projection.caughtUp(to: journal.last.sequence))
      await projection.close()
    }
    let incremental = try Projection.dump(dataFolder: folder.path)
    let facts = Journal.read(dataFolder: folder.path).facts
    #expect(incremental.contains("\nfacts [seq:\(facts.count) "))
    #expect(incremental.components(of: "\nfacts [").count == facts.count)
    for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
    #expect(try Projection.rebuild(dataFolder: folder.path) == Int64(facts.count))
    #expect(try Projection.dump(dataFolder: folder.path) == incremental)
  }

  @Test("Facts are found by kind, stream, incident and number, and are the journal's own", arguments: FactIndexConformanceTests.Kind.allCases)
  func queries(_ kind: FactIndexConformanceTests.Kind) async throws {
    let journal = try Journal.test(folder, identity: identity)
    let projection = try follow(journal, kind)
    try await fill(journal, 30)
    let newest = journal.last.sequence
    #expect(await projection.caughtUp(to: newest))
    let all = Journal.read(dataFolder: folder.path).facts
    #expect(try await projection.facts(FactQuery()) == all)
    #expect(try await projection.facts(FactQuery(kinds: ["incident.opened"])) == all.filter { $0.kind == "incident.opened" })
    #expect(
      try await projection.facts(FactQuery(kinds: ["verdict", "picture.decoded"], incident: "i0"))
        == all.filter { ["verdict", "picture.decoded"].contains($0.kind) && $0["incident"] == "i0" })
    #expect(
      try await projection.facts(FactQuery(stream: "live/cam1", limit: 3, newestFirst: true)).map(\.sequence)
        == all.filter { $0["stream"] == "live/cam1" }.map(\.sequence).reversed().prefix(3).map { $0 })
    #expect(try await projection.facts(FactQuery(after: 5, before: 9)).map(\.sequence) == [6, 7, 8])
    #expect(try await projection.facts(FactQuery(stream: "' OR 1=1 --")).isEmpty)
    #expect(try await projection.facts(sequences: 4...newest + 9) == Array(all[3...]))
    #expect(try await projection.count(FactQuery(kinds: ["verdict"], limit: 0)) == 1)
    #expect(try await projection.allFacts(FactQuery(limit: 7)) == all)
    await journal.close()
    await projection.close()
    #expect(await projection.caughtUp(to: newest + 100) == false)
  }

  @Test("Each kind has a view that any SQLite client can read")
  func views() async throws {
    let journal = try Journal.test(folder, identity: identity)
    let projection = try Projection(following: journal)
    try await fill(journal, 10)
    await journal.close()
    #expect(await projection.caughtUp(to: journal.last.sequence))
    await projection.close()
    let queue = try DatabaseQueue(path: path)
    let (titles, kinds) = try await queue.read { db in
      (
        try String.fetchAll(db, sql: "SELECT json_extract(json, '$.title') FROM fact_incident_opened ORDER BY seq"),
        try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name")
      )
    }
    #expect(titles == ["'; DROP TABLE facts; --", "'; DROP TABLE facts; --"])
    #expect(
      kinds
        == ["node_started", "node_stopped", "incident_opened", "picture_decoded", "stream_started", "verdict"].map { "fact_" + $0 }.sorted()
    )
  }

  @Test("A file that is broken, or of another journal, is made again by itself", arguments: ["garbage", "cut", "other"])
  func unusable(how: String) async throws {
    var journal = try Journal.test(folder, identity: identity)
    try await fill(journal, 40)
    await journal.close()
    try Projection.rebuild(dataFolder: folder.path)
    switch how {
    case "garbage": try write(Array(repeating: 0x5A, count: 50_000), to: path)
    case "cut": try write(Array(try bytes(of: path).prefix(9000)), to: path)
    default:
      for name in try Disk.entries(folder.path + "/journal") { unlink(folder.path + "/journal/" + name) }
    }
    journal = try Journal.test(folder, identity: identity, clock: TestClock(77))
    let projection = try Projection(following: journal)
    try await fill(journal, 3)
    #expect(await projection.caughtUp(to: journal.last.sequence))
    #expect(try await projection.facts(FactQuery()) == Journal.read(dataFolder: folder.path).facts)
    await journal.close()
    await projection.close()
  }

  @Test("Rebuilt while facts keep coming, nothing is missing", arguments: FactIndexConformanceTests.Kind.allCases)
  func rebuildLive(_ kind: FactIndexConformanceTests.Kind) async throws {
    let journal = try Journal.test(folder, identity: identity)
    let projection = try follow(journal, kind)
    for _ in 0..<5 {
      try await fill(journal, 20)
      projection.rebuild()
      try await fill(journal, 20)
    }
    #expect(await projection.caughtUp(to: journal.last.sequence))
    #expect(try await projection.facts(FactQuery()) == Journal.read(dataFolder: folder.path).facts)
    await journal.close()
    await projection.close()
  }

  @Test("A damaged journal does not end the projection: what can be read is in", arguments: FactIndexConformanceTests.Kind.allCases)
  func damaged(_ kind: FactIndexConformanceTests.Kind) async throws {
    var journal = try Journal.test(folder, identity: identity)
    try await fill(journal, 20)
    await journal.close()
    let first = folder.path + "/journal/journal-000001.jsonl"
    var lines = try lines(of: first)
    lines[4][0] = 0x20
    try write(Array(lines.joined()), to: first)
    journal = try Journal.test(folder, identity: identity)
    let projection = try follow(journal, kind)
    let fact = try await journal.commit("verdict", ["incident": "late"])
    #expect(await projection.caughtUp(to: fact.sequence))
    #expect(try await projection.facts(FactQuery(incident: "late")) == [fact])
    let numbers = try await projection.facts(FactQuery()).map(\.sequence)
    #expect(numbers == Array(1...fact.sequence).filter { $0 != 5 })
    await journal.close()
    await projection.close()
  }
}

extension String {
  fileprivate func components(of text: String) -> [String.Index] {
    var found: [String.Index] = []
    var rest = self[...]
    while let range = rest.firstRange(of: text) {
      found.append(range.lowerBound)
      rest = rest[range.upperBound...]
    }
    return found
  }
}
