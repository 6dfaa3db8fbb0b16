internal import Model

/// A whole segment on its way to being acknowledged: bytes durable → final name → name durable → row in the index.
final class ClosedSegment {
  /// Complete but for ``SegmentRecord/previous``.
  let record: SegmentRecord
  let stats: SegmentStats
  let chain: SpoolChain
  /// The pause that it ended.
  let pause: WritePauses.Pause?
  private let file: any SegmentFile
  private(set) var isDurable = false

  init(record: SegmentRecord, stats: SegmentStats, chain: SpoolChain, pause: WritePauses.Pause?, file: any SegmentFile) {
    self.record = record
    self.stats = stats
    self.chain = chain
    self.pause = pause
    self.file = file
  }

  /// Makes bytes and name durable but for ``SegmentStore/syncNames(of:)``, which all segments of a round share.
  func commit() throws(Fault) { try file.commit() }

  /// The names were made durable after ``commit()``.
  func namesSynced() { isDurable = file.isCommitted }

  /// The record with its place in the chain.
  func chained(after hash: String) -> SegmentRecord {
    var record = record
    record.previous = hash
    return record
  }
}
