internal import Model

/// What a run of blocks amounts to.
struct SegmentStats: Equatable {
  var start: BootTime?
  var end: BootTime?
  var pictures: Int64 = 0
  var units: Int64 = 0
  var payloadBytes: Int64 = 0
  var oldest: UInt64?
  var cut: SpoolCut

  init(run: UInt64) { cut = SpoolCut(run: run) }

  mutating func add(_ note: UnitNote, payload: Int) {
    start = start.map { min($0, note.firstArrival) } ?? note.firstArrival
    end = end.map { max($0, note.arrival) } ?? note.arrival
    if note.isVideo { pictures &+= 1 }
    units &+= 1
    payloadBytes &+= Int64(payload)
    oldest = oldest.map { min($0, note.position) } ?? note.position
    cut.advance(note.track, past: note.position)
  }

  mutating func merge(_ other: SegmentStats) {
    start = [start, other.start].compactMap { $0 }.min()
    end = [end, other.end].compactMap { $0 }.max()
    pictures &+= other.pictures
    units &+= other.units
    payloadBytes &+= other.payloadBytes
    oldest = [oldest, other.oldest].compactMap { $0 }.min()
    cut.merge(other.cut)
  }
}
