internal import Archive
internal import Model
internal import Web

/// Recordings as the API and the metrics show them.
struct ArchiveViews: ArchiveSource {
  /// Nil where recording is off.
  let archive: Archive?

  func recording(of stream: StreamName, from: WallTime?, to: WallTime?) async throws -> JSON {
    guard let archive else { return ["stream": .string(stream.path), "enabled": false, "segments": [], "gaps": []] }
    let from = from ?? WallTime(nanoseconds: .min)
    let to = to ?? WallTime(nanoseconds: .max)
    let segments = try await archive.segments(of: stream, from: from, to: to)
    let gaps = try await archive.gaps(of: stream, from: from, to: to)
    let totals = try await archive.totals(of: stream)
    return [
      "stream": .string(stream.path), "enabled": true, "segments": .array(segments.map(\.json)), "gaps": .array(gaps.map(\.json)),
      "totals": totals.json,
    ]
  }

  func counters() async -> [String: Int64] {
    guard let totals = try? await archive?.totals() else { return [:] }
    return [
      "segments_total": totals.reduce(0) { $0 &+ $1.segments }, "bytes_total": totals.reduce(0) { $0 &+ $1.bytes },
      "ingested_bytes_total": totals.reduce(0) { $0 &+ $1.ingestedBytes }, "recorded_bytes_total": totals.reduce(0) { $0 &+ $1.recordedBytes },
      "skipped_units_total": totals.reduce(0) { $0 &+ $1.skippedUnits }, "gaps_total": totals.reduce(0) { $0 &+ $1.gaps },
    ]
  }
}
