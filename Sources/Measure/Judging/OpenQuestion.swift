/// Why something could not be judged.
public enum OpenQuestion: String, Sendable, Codable, CaseIterable {
  /// 观测受限: the observer's own machine may have made the figures.
  case observerLimited
  /// Too few packets to claim the limit (n < 3/p for zero losses at 95 %).
  case sampleTooSmall
  /// The window is shorter than the profile's least.
  case windowTooShort
  case nominalRateUnknown
  case resolutionUnknown
  case roundTripUnknown
  /// The limit lies between the bounds of the one-way delay.
  case oneWayDelayStraddles
  /// B pictures: presentation times are not those of sending, and what they may be off by decides whether the delay variation is above the limit.
  case picturesReordered
  /// Fewer minutes could be judged than the session rule asks for.
  case tooFewMinutes
}
