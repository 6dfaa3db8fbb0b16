internal import Model

/// How far one run of a spool is in committed segments, track by track: what recovery passes over.
struct SpoolCut: Equatable {
  let run: UInt64
  /// Track → position of the first unit that is in no committed segment.
  private(set) var next: [UInt8: UInt64] = [:]

  init(run: UInt64) { self.run = run }

  var runText: String { String(run, radix: 16) }
  var text: String { JSON.object(Dictionary(uniqueKeysWithValues: next.map { (String($0), JSON.int(Int64(clamping: $1))) })).text }

  init(run: UInt64, text: String) {
    self.run = run
    for (track, position) in (try? JSON(parsing: text))?.objectValue ?? [:] {
      if let track = UInt8(track), let position = position.intValue.flatMap({ UInt64(exactly: $0) }) { next[track] = position }
    }
  }

  mutating func advance(_ track: UInt8, past position: UInt64) { next[track] = max(next[track] ?? 0, position &+ 1) }
  mutating func merge(_ other: SpoolCut) { next.merge(other.next) { max($0, $1) } }
  func isCommitted(_ unit: RecordedUnit) -> Bool { next[unit.unit.track].map { unit.position < $0 } ?? false }
}
