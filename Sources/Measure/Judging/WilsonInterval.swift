/// The 95 % interval of a rate after E. B. Wilson (1927): 20 of 20 is 83.9–100 %, so that a "100 %" of two drills does not look like proof.
public struct WilsonInterval: Hashable, Sendable, Codable {
  /// The standard normal distribution's 97.5th percentile.
  public static let z = 1.959963984540054

  /// Ratios with six digits.
  public var low: Double
  /// See ``low``.
  public var high: Double

  /// The same in millionths, for printing.
  public var lowPPM: Int64 { Int64((low * 1_000_000).rounded(.toNearestOrEven)) }
  /// See ``lowPPM``.
  public var highPPM: Int64 { Int64((high * 1_000_000).rounded(.toNearestOrEven)) }

  /// Nil without a sample.
  public init?(successes: Int64, of count: Int64) {
    guard count > 0, successes >= 0, successes <= count else { return nil }
    let n = Double(count)
    let p = Double(successes) / n
    let zz = WilsonInterval.z * WilsonInterval.z
    let centre = (p + zz / (2 * n)) / (1 + zz / n)
    let half = WilsonInterval.z * (p * (1 - p) / n + zz / (4 * n * n)).squareRoot() / (1 + zz / n)
    low = successes == 0 ? 0 : Rounding.ratio(max(0, centre - half))
    high = successes == count ? 1 : Rounding.ratio(min(1, centre + half))
  }
}
