import FirstFrameTesting
import Model

@testable import Journal

/// Lines of a journal that was never written: made with the writer's own form, chained.
struct FactLines {
  private(set) var facts: [IndexedFact] = []
  private var hash = JournalLine.zeroHash

  /// - Parameter fields: of each fact, by sequence.
  init(_ count: Int, kind: (Int64) -> String = { _ in "stream.gap" }, fields: (Int64) -> [String: JSON] = { ["n": .int($0)] }) throws {
    for sequence in 1...Int64(count) { try append(sequence, kind(sequence), fields(sequence)) }
  }

  private mutating func append(_ sequence: Int64, _ kind: String, _ fields: [String: JSON]) throws {
    let line = JournalLine.bytes(
      node: "county", boot: "b0071d00-0000-4000-8000-000000000001", sequence: sequence, bootTime: BootTime(nanoseconds: sequence * 1_000_000),
      wall: "2026-11-22T10:37:46.123456789Z", kind: kind, previous: hash, body: try JournalLine.body(kind: kind, fields: fields))
    let fact = try JournalLine.parse(line)
    hash = fact.hash
    facts.append(IndexedFact(fact, line: line))
  }

  /// A bookmark at the newest fact; where its line stands is of no account to an index.
  var bookmark: JournalBookmark {
    JournalBookmark(file: 3, offset: 4096, factFile: 2, factOffset: 77, sequence: facts.last?.fact.sequence ?? 0, hash: hash)
  }

  /// Facts of few kinds, streams and incidents, some with none and some with fields that only look like one.
  static func mixed(_ count: Int, seed: UInt64) throws -> FactLines {
    var random = Mutator(seed: seed)
    let streams: [JSON] = ["live/cam1", "live/cam2", "live/摄像头", "", "'; DROP TABLE facts; --", 7, nil]
    let incidents: [JSON] = ["i1", "i2", "%", ["id": "i1"]]
    return try FactLines(count) { _ in
      ["stream.gap", "verdict", "incident.opened", "picture.decoded"][Int.random(in: 0..<4, using: &random)]
    } fields: { number in
      var fields: [String: JSON] = ["n": .int(number)]
      if Bool.random(using: &random) { fields["stream"] = streams[Int.random(in: 0..<streams.count, using: &random)] }
      if Bool.random(using: &random) { fields["incident"] = incidents[Int.random(in: 0..<incidents.count, using: &random)] }
      return fields
    }
  }
}
