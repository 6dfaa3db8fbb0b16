internal import Model

/// Quantiles in milliseconds, for display.
public struct DelayQuantiles: Hashable, Sendable, Codable {
  /// The median.
  public var p50: Double
  /// 95th percentile.
  public var p95: Double
  /// 99th percentile.
  public var p99: Double
  /// 99.9th percentile.
  public var p999: Double

  /// - Parameter quantiles: in nanoseconds.
  public init(_ quantiles: Quantiles) {
    p50 = Rounding.milliseconds(Nanoseconds(quantiles.p50))
    p95 = Rounding.milliseconds(Nanoseconds(quantiles.p95))
    p99 = Rounding.milliseconds(Nanoseconds(quantiles.p99))
    p999 = Rounding.milliseconds(Nanoseconds(quantiles.p999))
  }
}
