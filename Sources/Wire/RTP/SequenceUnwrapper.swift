/// Unwraps 16-bit sequence numbers into 64-bit extended ones (RFC 3550 §A.1's cycles): each becomes the value nearest to the highest
/// seen, so late and repeated packets keep their place. The first stands for itself; a packet older than the first may come out negative.
public struct SequenceUnwrapper: Hashable, Sendable {
  /// The highest extended sequence number so far.
  public private(set) var highest: Int64?

  public init() {}

  /// The extended number of a packet, and the highest moves on when it is newer.
  @inlinable
  public mutating func unwrap(_ sequenceNumber: UInt16) -> Int64 {
    guard let highest else {
      start(Int64(sequenceNumber))
      return Int64(sequenceNumber)
    }
    let step = Int16(bitPattern: sequenceNumber &- UInt16(truncatingIfNeeded: highest))
    let value = highest &+ Int64(step)
    if step > 0 { start(value) }
    return value
  }

  @usableFromInline mutating func start(_ value: Int64) { highest = value }
}
