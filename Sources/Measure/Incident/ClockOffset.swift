internal import Model

/// The interval in which an upper node's boot clock minus ours lay at some instant (measurement.md §4.2).
struct ClockOffset {
  /// Rates of two clocks are trusted to differ by no more.
  static let driftPPM: Int64 = 15

  var peerBoot: String
  var low: Int64
  var high: Int64
  var at: NodeInstant

  /// Nil when the bounds are in the wrong order.
  init?(_ offset: PeerOffset, at: NodeInstant) {
    guard offset.low <= offset.high else { return nil }
    peerBoot = offset.peerBoot
    low = offset.low
    high = offset.high
    self.at = at
  }

  /// 15 ppm of a span, rounded up.
  static func widening(_ span: Nanoseconds) -> Int64 {
    let (product, overflow) = Int64(clamping: span.value.magnitude).multipliedReportingOverflow(by: driftPPM)
    return overflow ? Int64.max / 4 : product / 1_000_000 &+ (product % 1_000_000 == 0 ? 0 : 1)
  }

  /// The upper node's clock at an instant of ours; nil when that is of another boot.
  func upper(of instant: NodeInstant) -> (earliest: BootTime, latest: BootTime)? {
    guard let age = instant - at else { return nil }
    let widening = ClockOffset.widening(age)
    return (
      BootTime(nanoseconds: instant.time.nanoseconds &+ low &- widening), BootTime(nanoseconds: instant.time.nanoseconds &+ high &+ widening)
    )
  }

  /// Our clock at an instant of the upper node's, which lies within a moment of ``at``.
  func own(of upper: BootTime) -> (earliest: BootTime, latest: BootTime) {
    let rough = upper.nanoseconds &- high
    let age = max((at.time.nanoseconds &- rough).magnitude, (at.time.nanoseconds &- (upper.nanoseconds &- low)).magnitude)
    let widening = ClockOffset.widening(Nanoseconds(Int64(clamping: age)))
    return (BootTime(nanoseconds: rough &- widening), BootTime(nanoseconds: upper.nanoseconds &- low &+ widening))
  }
}
