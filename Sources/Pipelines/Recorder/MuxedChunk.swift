public import Model
public import NIOCore

/// A run of container bytes from a ``RecorderTap``. The file is the concatenation of the chunks; a segment is the header followed by any run of
/// chunks whose first one starts a key cluster.
public struct MuxedChunk: Sendable {
  /// As they stand in the file.
  public var bytes: ByteBuffer
  /// The container's header (EBML, segment info, tracks): the first chunk of a tap, and the only one of its kind. Keep it and put it before every segment.
  public var isHeader: Bool
  /// The bytes begin with a cluster.
  public var startsCluster: Bool
  /// The bytes begin with a cluster from which decoding can start: its first block is a video key frame, or the stream has no video. Cut here.
  public var startsKeyCluster: Bool
  /// Presentation time of the first block, on the stream's time line; zero for the header.
  public var pts: Nanoseconds
  /// How many access units the bytes hold: the watchdog compares their sum with what was pushed.
  public var unitCount: Int

  /// A chunk that is neither header nor start of a cluster, unless it is said to be.
  public init(
    bytes: ByteBuffer, isHeader: Bool = false, startsCluster: Bool = false, startsKeyCluster: Bool = false, pts: Nanoseconds = .zero,
    unitCount: Int = 0
  ) {
    self.bytes = bytes
    self.isHeader = isHeader
    self.startsCluster = startsCluster
    self.startsKeyCluster = startsKeyCluster
    self.pts = pts
    self.unitCount = unitCount
  }
}
