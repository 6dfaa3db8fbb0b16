internal import Model

/// Quantiles in milliseconds, for display.
public struct DelayQuantiles: Hashable, Sendable, Codable {
  public var p50: Double
  public var p95: Double
  public var p99: Double
  public var p999: Double

  public init(_ quantiles: Quantiles) {
    p50 = Rounding.milliseconds(Nanoseconds(quantiles.p50))
    p95 = Rounding.milliseconds(Nanoseconds(quantiles.p95))
    p99 = Rounding.milliseconds(Nanoseconds(quantiles.p99))
    p999 = Rounding.milliseconds(Nanoseconds(quantiles.p999))
  }
}
