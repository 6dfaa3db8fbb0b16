public import Model
internal import Synchronization

extension Archive {
  /// Acknowledged segments that overlap a time, oldest first; of more than `limit` the newest.
  public func segments(
    of stream: StreamName, from: WallTime = WallTime(nanoseconds: .min), to: WallTime = WallTime(nanoseconds: .max), limit: Int = 10_000
  ) async throws -> [SegmentRecord] { try await index.segments(of: stream, from: from, to: to, limit: limit) }

  /// Gaps that overlap a time, oldest first; of more than `limit` the newest.
  public func gaps(
    of stream: StreamName, from: WallTime = WallTime(nanoseconds: .min), to: WallTime = WallTime(nanoseconds: .max), limit: Int = 10_000
  ) async throws -> [ArchiveGap] { try await index.gaps(of: stream, from: from, to: to, limit: limit) }

  /// Every stream that was ever recorded here, by name.
  public func totals() async throws -> [ArchiveTotals] {
    var found = try await index.totals()
    for recording in recordings {
      let at: Int
      if let known = found.firstIndex(where: { $0.stream == recording.name }) {
        at = known
      } else {
        at = found.count
        found.append(ArchiveTotals(stream: recording.name))
      }
      found[at].add(recording.figures)
    }
    return found.sorted { $0.stream < $1.stream }
  }

  /// One stream's; zeros for one that was never recorded here.
  public func totals(of stream: StreamName) async throws -> ArchiveTotals {
    try await totals().first { $0.stream == stream } ?? ArchiveTotals(stream: stream)
  }

  /// Why recordings are not written now: a full disk, one that refuses, or a stream's own failure; nil while all are.
  public var trouble: Fault? {
    writer.trouble.withLock { $0 } ?? recordings.lazy.compactMap { $0.figures.fault }.first
  }

  /// Where a segment's file lies, where the store is the disk.
  public func path(of segment: SegmentRecord) -> String { context.folder + "/" + segment.file }
}
