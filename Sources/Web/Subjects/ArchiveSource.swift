public import Model

/// What was recorded.
public protocol ArchiveSource: Sendable {
  /// A stream's recording as the API shows it: what overlaps a time, oldest first, the newest 10,000 segments and gaps at most; and totals of all time.
  /// - Parameters:
  ///   - from: wall-clock label; nil from the first.
  ///   - to: wall-clock label; nil up to now.
  func recording(of stream: StreamName, from: WallTime?, to: WallTime?) async throws -> JSON
  /// Totals over all streams for the metrics: name to value; empty without an archive.
  func counters() async -> [String: Int64]
}
