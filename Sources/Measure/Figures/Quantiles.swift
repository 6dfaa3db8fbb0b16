/// Quantiles by nearest rank: of n sorted values, the one at rank ⌈p·n⌉ counted from 1. Always one of the values, never an interpolation.
public struct Quantiles: Hashable, Sendable {
  /// Of the values.
  public var count: Int64
  /// The median, in the unit of the values.
  public var p50: Int64
  /// At most 5 % of the values are above it.
  public var p95: Int64
  /// At most 1 % of the values are above it.
  public var p99: Int64
  /// At most 1 ‰ of the values is above it.
  public var p999: Int64
  /// The largest value.
  public var maximum: Int64

  /// Nil without values.
  public init?(_ values: [Int64]) {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    count = Int64(sorted.count)
    p50 = Quantiles.nearestRank(500_000, in: sorted)
    p95 = Quantiles.nearestRank(950_000, in: sorted)
    p99 = Quantiles.nearestRank(990_000, in: sorted)
    p999 = Quantiles.nearestRank(999_000, in: sorted)
    maximum = sorted[sorted.count - 1]
  }

  /// Packet delay variation of one window (ITU-T Y.1540 §6.2.4.2 with the window's minimum as reference): each value less the smallest.
  public init?(variationOf delays: [Int64]) {
    guard let least = delays.min() else { return nil }
    self.init(delays.map { $0 &- least })
  }

  /// The value at rank ⌈ppm·n / 10⁶⌉ of sorted values, which must not be empty.
  static func nearestRank(_ ppm: Int, in sorted: [Int64]) -> Int64 {
    let rank = (sorted.count * ppm + 999_999) / 1_000_000
    return sorted[min(max(rank, 1), sorted.count) - 1]
  }
}
