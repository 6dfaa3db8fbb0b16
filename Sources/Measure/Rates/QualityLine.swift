internal import Model

/// One line of 连线质量达标率: the sessions of a stream that followed one another by takeover, with their judged minutes.
struct QualityLine: Sendable {
  var unit: RateUnit
  var sessions: Set<String>
  let stream: String
  let start: NodeInstant
  /// When the newest session left; nil while it lasts.
  var end: BootTime?
  var isOpen = true
  /// Last media of the session that left.
  var lastMedia: NodeInstant?
  var minutes: [Judgement] = []
  var hasWindows = false
  /// The longest time without a picture, in a session or between two.
  var longestOutage = Nanoseconds.zero
  /// The profile of the newest window.
  var rule: RuleReference?

  mutating func take(window fact: Fact) {
    hasWindows = true
    rule = RuleReference(fact["profile"]) ?? rule
    unit.hop = fact["hop"]?.stringValue
    var outage = fact["longestFreezeNs"]?.intValue ?? 0
    if fact["framesReceived"]?.intValue == 0, let from = fact["fromNs"]?.intValue, let to = fact["toNs"]?.intValue {
      outage = max(outage, to &- from)
    }
    longestOutage = max(longestOutage, Nanoseconds(outage))
    let open = Set((fact["open"]?.arrayValue ?? []).compactMap { $0.stringValue.flatMap(OpenQuestion.init(rawValue:)) })
    // The rest of a minute at a session's end is none.
    guard !open.contains(.windowTooShort) else { return }
    var minute = Judgement(
      reasons: Set((fact["reasons"]?.arrayValue ?? []).compactMap { $0.stringValue.flatMap(ReasonCode.init(rawValue:)) }), open: open)
    minute.verdict = fact["verdict"]?.stringValue.flatMap(Verdict.init(rawValue:)) ?? .undetermined
    minutes.append(minute)
  }

  /// Whether an order could have been for it: it was there, or began before the order's time was over.
  func answers(_ order: ConnectionAttempt) -> Bool {
    guard stream == order.unit.stream, start.sharesClock(with: order.start) else { return false }
    return end.map { $0 >= order.start.time } ?? true && start.time <= order.start.time + (order.limit ?? .zero)
  }

  /// - Parameter orders: each with the time until its picture, nil without one.
  func finish(orders: [Nanoseconds?], profiles: [String: QualityProfile]) -> RateUnit {
    var unit = unit
    if minutes.isEmpty, isOpen { return unit }
    unit.outcome = .undetermined
    guard hasWindows else {
      unit.reasons = ["noWindows"]
      return unit
    }
    guard let rule, let profile = profiles[rule.sha256] else {
      unit.reasons = ["profileUnknown"]
      return unit
    }
    unit.rule = rule
    let isConnected = !orders.contains(nil)
    let judgement = SessionJudge(
      connectedAfter: isConnected ? orders.compactMap { $0 }.max() : nil, wasOrdered: !orders.isEmpty, longestOutage: longestOutage,
      minutes: minutes
    ).judge(by: profile)
    switch judgement.verdict {
    case .pass: unit.outcome = .pass
    case .fail:
      unit.outcome = .fail
      unit.reasons = judgement.reasons.map(\.rawValue)
      unit.step = judgement.reasons.contains(.offline) ? .t5 : unit.hop == Hop.centre.rawValue ? .t8 : .t6
    case .undetermined: unit.reasons = judgement.open.map(\.rawValue)
    }
    return unit
  }
}
