public import Model

/// What was recorded.
public protocol ArchiveSource: Sendable {
  /// A stream's recording as the API shows it: segments, gaps, totals.
  func recording(of stream: StreamName) async throws -> JSON
  /// Totals over all streams for the metrics: name to value; empty without an archive.
  func counters() async -> [String: Int64]
}
