/// Whether a loss rate's limit is met, given how many packets were seen. Integers only.
public enum LossTest {
  /// 1.959964² in millionths.
  static let zSquaredPPM: Int128 = 3_841_459

  /// With at least 3/p packets (3000 for 0.1 %: enough to claim the limit at 95 % when none is lost) the rate is compared with the limit. With
  /// fewer, a rate above the limit fails only when the lower end of its Wilson interval is above it too; anything else is undetermined.
  /// - Parameter limitPPM: 1…1 000 000.
  public static func judge(lost: Int64, of expected: Int64, limitPPM: Int64) -> Verdict {
    guard expected > 0, limitPPM > 0 else { return .undetermined }
    let excess = Int128(lost) * 1_000_000 - Int128(expected) * Int128(limitPPM)
    if Int128(expected) * Int128(limitPPM) >= 3_000_000 { return excess > 0 ? .fail : .pass }
    guard excess > 0 else { return .undetermined }
    // Wilson's lower end > p₀ exactly when (k − n·p₀)² > z²·n·p₀·(1 − p₀).
    let variance = Int128(expected) * Int128(limitPPM) * (1_000_000 - Int128(limitPPM))
    return excess * excess * 1_000_000 > zSquaredPPM * variance ? .fail : .undetermined
  }
}
