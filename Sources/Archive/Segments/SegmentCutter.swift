internal import Model
internal import Pipelines

/// Decides where a stream's container bytes become files: at a key cluster once the segment is long enough; without key frames, at any cluster
/// once it is far too long.
struct SegmentCutter {
  enum Decision: Equatable {
    /// Keep these bytes for the front of every segment.
    case header
    /// Close the open segment, then begin one with this chunk.
    case begin
    case append
    /// Nothing is open and decoding cannot start here.
    case discard
  }

  let target: Nanoseconds
  let longest: Nanoseconds
  private var start: Nanoseconds?

  init(target: Nanoseconds, longest: Nanoseconds) {
    self.target = target
    self.longest = longest
  }

  /// - Parameter anywhere: there may be no key frame to begin with.
  mutating func decide(_ chunk: MuxedChunk, anywhere: Bool = false) -> Decision {
    if chunk.isHeader {
      start = nil
      return .header
    }
    guard let start else {
      return chunk.startsKeyCluster || (anywhere && chunk.startsCluster) ? .begin : .discard
    }
    let length = chunk.pts - start
    // A time line that jumped back begins anew too.
    let isLong = length >= target || length < Nanoseconds(0 &- target.value)
    return (chunk.startsKeyCluster && isLong) || (chunk.startsCluster && length >= longest) ? .begin : .append
  }

  /// ``Decision/begin`` was followed.
  mutating func opened(at pts: Nanoseconds) { start = pts }

  /// The open segment was closed or given up: the next one begins at a key cluster.
  mutating func reset() { start = nil }
}
