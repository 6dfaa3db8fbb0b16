public import NIOCore

/// Walks a video unit's payload NAL by NAL; ends early at a length that does not fit, so it is safe on any bytes.
public struct NALUnits: Sequence, IteratorProtocol, Sendable {
  private var rest: ByteBuffer

  /// - Parameter payload: NAL units behind four bytes of length each.
  public init(_ payload: ByteBuffer) { rest = payload }

  /// The next NAL unit as a slice, or nil at the end. Empty NAL units are passed over.
  public mutating func next() -> ByteBuffer? {
    while let length = rest.readInteger(as: UInt32.self) {
      guard let nal = rest.readSlice(length: Int(length)) else { return nil }
      if nal.readableBytes > 0 { return nal }
    }
    return nil
  }
}
