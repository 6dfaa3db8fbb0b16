public import Model

/// Rounding for display. Figures that judge stay integers; what is printed is rounded half to even to six digits, once (architecture.md §4).
public enum Rounding {
  /// `numerator / denominator` in millionths, half to even; nil for a denominator that is not positive. Saturates.
  public static func millionths(_ numerator: Int64, of denominator: Int64) -> Int64? {
    guard denominator > 0 else { return nil }
    return halfEven(Int128(numerator) * 1_000_000, by: Int128(denominator))
  }

  /// `value / divisor` to the nearest integer, half to even. The divisor is positive.
  static func halfEven(_ value: Int128, by divisor: Int128) -> Int64 {
    var (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    if remainder < 0 {
      quotient -= 1
      remainder += divisor
    }
    let twice = remainder * 2
    if twice > divisor || (twice == divisor && quotient % 2 != 0) { quotient += 1 }
    return Int64(clamping: quotient)
  }

  /// Seconds with six digits.
  public static func seconds(_ span: Nanoseconds) -> Double { Double(halfEven(Int128(span.value), by: 1000)) / 1_000_000 }
  /// Milliseconds with six digits: exactly the nanoseconds.
  public static func milliseconds(_ span: Nanoseconds) -> Double { Double(span.value) / 1_000_000 }
  /// A ratio with six digits from parts per million.
  public static func ratio(ppm: Int64) -> Double { Double(ppm) / 1_000_000 }
  /// A ratio's double to six digits, half to even.
  public static func ratio(_ value: Double) -> Double { (value * 1_000_000).rounded(.toNearestOrEven) / 1_000_000 }
}
