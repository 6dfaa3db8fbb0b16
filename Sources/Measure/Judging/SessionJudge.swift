public import Model

/// The session rule of measurement.md §3 over a session's windows.
public struct SessionJudge: Hashable, Sendable {
  /// From the order to the first picture; nil when it never came or nobody ordered it.
  public var connectedAfter: Nanoseconds?
  /// Whether somebody ordered the session: a device that came by itself has nothing to be late for.
  public var wasOrdered: Bool
  /// The longest time without a unit.
  public var longestOutage: Nanoseconds
  /// What became of the session's windows.
  public var minutes: MinuteTally

  public init(connectedAfter: Nanoseconds?, wasOrdered: Bool, longestOutage: Nanoseconds, minutes: MinuteTally) {
    self.connectedAfter = connectedAfter
    self.wasOrdered = wasOrdered
    self.longestOutage = longestOutage
    self.minutes = minutes
  }

  /// Connected in time, no long outage, enough of the judged minutes pass, and enough minutes could be judged. Reasons are those of the failed
  /// minutes.
  public func judge(by profile: QualityProfile) -> Judgement {
    let rule = profile.session
    var reasons: Set<ReasonCode> = []
    var open: Set<OpenQuestion> = []
    if wasOrdered, connectedAfter.map({ $0.value > rule.connectWithinNs }) ?? true { reasons.insert(.offline) }
    if longestOutage.value > rule.longestOutageNs { reasons.insert(.offline) }
    if let share = Rounding.millionths(Int64(minutes.passed), of: Int64(minutes.judged)), share < rule.passMinutesPPM {
      reasons.formUnion(minutes.reasons)
    }
    let judgeable = Rounding.millionths(Int64(minutes.judged), of: Int64(minutes.count)) ?? 0
    if judgeable < rule.judgeableMinutesPPM { open.insert(.tooFewMinutes) }
    return Judgement(reasons: reasons, open: open)
  }
}
