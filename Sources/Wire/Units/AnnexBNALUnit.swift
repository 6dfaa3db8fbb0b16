public import NIOCore

/// One NAL unit that ``AnnexBSplitter`` found.
public struct AnnexBNALUnit: Hashable, Sendable {
  /// Without start code and the zeros behind it; never empty.
  public var bytes: ByteBuffer
  /// Where its first byte lies, in bytes since the stream's beginning.
  public var offset: Int
  /// A NAL unit before it was longer than the limit and is missing.
  public var isAfterGap: Bool
}
