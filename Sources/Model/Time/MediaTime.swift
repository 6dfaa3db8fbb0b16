/// An instant on a stream's own time line: `value / timescale` seconds since the stream's first unit.
public struct MediaTime: Hashable, Sendable {
  /// Ticks; may be negative for a decode time before the first presentation time.
  public var value: Int64
  /// Ticks a second: the RTP clock rate, or 1000 for RTMP. Always positive.
  public var timescale: Int32

  public init(value: Int64, timescale: Int32) {
    self.value = value
    self.timescale = max(1, timescale)
  }

  /// The same instant in nanoseconds, truncated toward minus infinity; saturates.
  public var nanoseconds: Int64 { rescaled(to: 1_000_000_000) }

  /// The same instant on another timescale, truncated toward minus infinity; saturates instead of trapping.
  public func rescaled(to other: Int32) -> Int64 {
    guard other != timescale else { return value }
    let scale = Int64(timescale)
    var (whole, rest) = value.quotientAndRemainder(dividingBy: scale)
    if rest < 0 {
      whole -= 1
      rest += scale
    }
    let (product, overflow) = whole.multipliedReportingOverflow(by: Int64(other))
    guard !overflow else { return value < 0 ? .min : .max }
    return product.addingReportingOverflow(rest * Int64(other) / scale).partialValue
  }
}
