import FirstFrameTesting
import Model
import Testing

@testable import Journal

/// What every ``FactIndex`` has to do. A new implementation is one more case of ``Kind``.
@Suite("An index of facts")
struct FactIndexConformanceTests {
  enum Kind: String, CaseIterable, Sendable { case sqlite, memory }

  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  func make(_ kind: Kind) throws -> any FactIndex {
    switch kind {
    case .sqlite: try SQLiteFactIndex(dataFolder: folder.path)
    case .memory: MemoryFactIndex()
    }
  }

  @Test("A new one is empty and stands at the journal's beginning", arguments: Kind.allCases)
  func empty(kind: Kind) async throws {
    let index = try make(kind)
    #expect(try index.bookmark() == .start)
    #expect(try await index.facts(FactQuery()) == [])
    #expect(try await index.count(FactQuery()) == 0)
    #expect(try await index.facts(sequences: .min ... .max) == [])
  }

  @Test("What was inserted comes back as it was, with hash and bookmark; inserted twice it is there once", arguments: Kind.allCases)
  func insertion(kind: Kind) async throws {
    let index = try make(kind)
    let lines = try FactLines.mixed(60, seed: 1)
    try index.insert(Array(lines.facts.prefix(40)), upTo: .start)
    #expect(try await index.count(FactQuery()) == 40)
    for _ in 0..<2 { try index.insert(Array(lines.facts.suffix(30)), upTo: lines.bookmark) }
    #expect(try index.bookmark() == lines.bookmark)
    #expect(try await index.facts(FactQuery()) == lines.facts.map(\.fact))
    #expect(try await index.count(FactQuery()) == 60)
    // Nothing new, but the bookmark goes on: lines that no fact came of.
    var further = lines.bookmark
    further.offset += 10
    try index.insert([], upTo: further)
    #expect(try index.bookmark() == further)
    #expect(try await index.count(FactQuery()) == 60)
  }

  @Test("A fact of a sequence that is there takes its place", arguments: Kind.allCases)
  func replacement(kind: Kind) async throws {
    let index = try make(kind)
    let old = try FactLines(5) { _ in "old" }
    let new = try FactLines(5) { _ in "new" }
    try index.insert(old.facts, upTo: old.bookmark)
    try index.insert([new.facts[2]], upTo: old.bookmark)
    #expect(try await index.facts(FactQuery()).map(\.kind) == ["old", "old", "new", "old", "old"])
    #expect(try await index.facts(FactQuery(kinds: ["new"])) == [new.facts[2].fact])
    #expect(try await index.count(FactQuery(kinds: ["old"])) == 4)
  }

  /// What a query names, from its definition.
  private static func expected(_ query: FactQuery, _ facts: [Fact]) -> [Fact] {
    var named: [Fact] = []
    for fact in facts {
      if !query.kinds.isEmpty, !query.kinds.contains(fact.kind) { continue }
      if let stream = query.stream, fact["stream"] != .string(stream) { continue }
      if let incident = query.incident, fact["incident"] != .string(incident) { continue }
      if let after = query.after, fact.sequence <= after { continue }
      if let before = query.before, fact.sequence >= before { continue }
      named.append(fact)
    }
    return query.newestFirst ? named.reversed() : named
  }

  private static func query(_ random: inout Mutator, upTo newest: Int64) -> FactQuery {
    var query = FactQuery(limit: Int.random(in: -2...120, using: &random), newestFirst: Bool.random(using: &random))
    for kind in ["verdict", "incident.opened", "no.such"] where UInt8.random(in: 0..<3, using: &random) == 0 { query.kinds.append(kind) }
    let streams = ["live/cam1", "live/摄像头", "", "7", "' OR 1=1 --", "'; DROP TABLE facts; --"]
    if UInt8.random(in: 0..<3, using: &random) == 0 { query.stream = streams[Int.random(in: 0..<streams.count, using: &random)] }
    if UInt8.random(in: 0..<3, using: &random) == 0 { query.incident = ["i1", "%", "i3"][Int.random(in: 0..<3, using: &random)] }
    if Bool.random(using: &random) { query.after = Int64.random(in: -5...newest + 5, using: &random) }
    if Bool.random(using: &random) { query.before = Int64.random(in: -5...newest + 5, using: &random) }
    return query
  }

  @Test("Any combination of conditions gives the facts that it names, in order, counted and page by page", arguments: Kind.allCases)
  func queries(kind: Kind) async throws {
    let index = try make(kind)
    let lines = try FactLines.mixed(200, seed: 2)
    try index.insert(lines.facts, upTo: lines.bookmark)
    let facts = lines.facts.map(\.fact)
    var random = Mutator(seed: 3)
    var answers = 0
    for _ in 0..<150 {
      let query = FactIndexConformanceTests.query(&random, upTo: 200)
      let expected = FactIndexConformanceTests.expected(query, facts)
      let page = try await index.facts(query)
      #expect(page == Array(expected.prefix(max(0, query.limit))), "\(query)")
      #expect(try await index.count(query) == Int64(expected.count), "\(query)")
      if query.limit > 0 { #expect(try await index.allFacts(query) == expected, "\(query)") }
      answers += page.count
    }
    #expect(answers > 1000)
  }

  @Test("A range of sequences gives what there is of it", arguments: Kind.allCases)
  func ranges(kind: Kind) async throws {
    let index = try make(kind)
    let lines = try FactLines(30)
    try index.insert(lines.facts.filter { $0.fact.sequence % 7 != 0 }, upTo: lines.bookmark)
    for (range, expected) in [
      (5...9, [5, 6, 8, 9]), (7...7, []), (29...400, [29, 30]), (-3...1, [1]), (.min...0, []), (30 ... .max, [30]), (31 ... .max, []),
    ] as [(ClosedRange<Int64>, [Int64])] {
      #expect(try await index.facts(sequences: range).map(\.sequence) == expected, "\(range)")
    }
    #expect(try await index.facts(sequences: .min ... .max).count == 26)
  }

  @Test("A range longer than the largest page comes whole", arguments: Kind.allCases)
  func longRange(kind: Kind) async throws {
    let index = try make(kind)
    let lines = try FactLines(FactQuery.largestPage + 3)
    try index.insert(lines.facts, upTo: lines.bookmark)
    #expect(try await index.facts(FactQuery(limit: .max)).count == FactQuery.largestPage)
    #expect(try await index.facts(sequences: 2...20_000).map(\.sequence) == Array(2...Int64(FactQuery.largestPage + 3)))
  }

  @Test("Erased, it is as new, and can be filled again", arguments: Kind.allCases)
  func erasure(kind: Kind) async throws {
    let index = try make(kind)
    let lines = try FactLines.mixed(30, seed: 4)
    for _ in 0..<2 {
      try index.insert(lines.facts, upTo: lines.bookmark)
      try index.erase()
      #expect(try index.bookmark() == .start)
      #expect(try await index.count(FactQuery()) == 0)
    }
    try index.insert(lines.facts, upTo: lines.bookmark)
    #expect(try await index.count(FactQuery()) == 30)
  }

  @Test("Whoever asks while facts are inserted finds whole insertions, in order", arguments: Kind.allCases)
  func isolation(kind: Kind) async throws {
    let index = try make(kind)
    let lines = try FactLines(400)
    let counts = try await withThrowingTaskGroup(of: [Int64].self) { group in
      group.addTask {
        var counts: [Int64] = []
        while counts.last != 400 { counts.append(Int64(try await index.facts(FactQuery(limit: 1000)).count)) }
        return counts
      }
      for start in stride(from: 0, to: 400, by: 20) {
        try index.insert(Array(lines.facts[start..<start + 20]), upTo: lines.bookmark)
        await Task.yield()
      }
      return try await group.next() ?? []
    }
    #expect(counts == counts.sorted())
    #expect(counts.allSatisfy { $0 % 20 == 0 })
  }

  @Test("Pages follow each other until one is short")
  func pages() throws {
    let facts = try FactLines(3).facts.map(\.fact)
    let query = FactQuery(kinds: ["stream.gap"], limit: 3)
    #expect(query.following(facts)?.after == 3)
    #expect(query.following(facts)?.kinds == ["stream.gap"])
    #expect(query.following(Array(facts.prefix(2))) == nil)
    #expect(query.following([]) == nil)
    #expect(FactQuery(limit: 0).following([]) == nil)
    #expect(FactQuery(limit: -1).pageSize == 0)
    var backwards = query
    backwards.newestFirst = true
    #expect(backwards.following(facts.reversed())?.before == 1)
    #expect(backwards.following(facts.reversed())?.after == nil)
    #expect(FactQuery(sequences: 4...9) == FactQuery(after: 3, before: 10, limit: FactQuery.largestPage))
    #expect(FactQuery(sequences: .min ... .max) == FactQuery(limit: FactQuery.largestPage))
  }

  @Test("A line gives its fact again, and nothing else passes for one")
  func indexedFacts() throws {
    let lines = try FactLines.mixed(40, seed: 5)
    for indexed in lines.facts { #expect(IndexedFact(line: indexed.line) == indexed) }
    #expect(IndexedFact(line: "") == nil)
    #expect(IndexedFact(line: "{}") == nil)
    let line = try #require(lines.facts.first?.line)
    #expect(IndexedFact(line: String(line.dropLast())) == nil)
    #expect(IndexedFact(line: line + "\n" + line) == nil)
  }
}
