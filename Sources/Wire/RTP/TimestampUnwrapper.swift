/// Unwraps 32-bit RTP timestamps into 64-bit ticks: each becomes the value nearest to the highest seen, so that pictures sent in decode
/// order and late packets keep their place. The first stands for itself; an earlier one may come out negative.
public struct TimestampUnwrapper: Hashable, Sendable {
  /// The highest unwrapped timestamp so far.
  public private(set) var highest: Int64?

  public init() {}

  /// The ticks of a timestamp, and the highest moves on when it is later.
  @inlinable
  public mutating func unwrap(_ timestamp: UInt32) -> Int64 {
    guard let highest else {
      start(Int64(timestamp))
      return Int64(timestamp)
    }
    let step = Int32(bitPattern: timestamp &- UInt32(truncatingIfNeeded: highest))
    let value = highest &+ Int64(step)
    if step > 0 { start(value) }
    return value
  }

  @usableFromInline mutating func start(_ value: Int64) { highest = value }
}
