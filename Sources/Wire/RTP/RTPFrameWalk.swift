/// Walks framed packets from front to back, without allocation: `for frame in RTPFrameWalk(bytes)`, or `while let frame = walk.next()`
/// where it matters how far the walk came.
@frozen
public struct RTPFrameWalk: Sequence, IteratorProtocol {
  /// Why a walk ended.
  public enum End: Hashable, Sendable {
    /// At the end of the bytes, or inside a frame whose rest has not come.
    case incomplete
    /// At a byte other than `$`: RTSP text, or no framing at all.
    case otherBytes
  }

  @usableFromInline let bytes: UnsafeRawBufferPointer
  @usableFromInline var at = 0
  @usableFromInline var met = End.incomplete

  /// Where the next frame begins; after the last one, where the walk ended. In bytes.
  @inlinable public var position: Int { at }

  /// - Parameter bytes: must outlive the walk and its frames.
  @inlinable @inline(__always)
  public init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The next whole frame; nil, and again nil, at the first place where none lies.
  @inlinable @inline(__always)
  public mutating func next() -> RTPFrame? {
    switch InterleavedFraming.find(at: at, in: bytes) {
    case .frame(let channel, let length):
      let from = at &+ InterleavedFraming.headerLength
      let frame = RTPFrame(offset: at, channel: channel, packet: UnsafeRawBufferPointer(rebasing: bytes[from..<from &+ length]))
      at = from &+ length
      return frame
    case .partial: met = .incomplete
    case .other: met = .otherBytes
    }
    return nil
  }

  /// What the walk met at ``position``; asked for once ``next()`` gave nil.
  @inlinable public var end: End { met }
}
