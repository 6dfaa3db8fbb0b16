internal import Model

/// One line of 连线质量达标率: the sessions of a stream that followed one another by takeover, or by a return after an end without a goodbye, with
/// their judged minutes.
struct QualityLine: Sendable {
  /// How long a device that vanished may be away and still come back to the same line.
  static let returnWithin = Nanoseconds.seconds(600)
  private static let minuteNs: Int64 = 60_000_000_000
  private static let mostMinutes: Int64 = 1440

  var unit: RateUnit
  var sessions: Set<String>
  let stream: String
  let start: NodeInstant
  /// When the newest session left; nil while it lasts.
  var end: BootTime?
  var isOpen = true
  /// Last media of the session that left, and whether it left without a goodbye.
  var lastMedia: NodeInstant?
  var mayReturn = false
  /// Times without media between two sessions.
  private(set) var gaps: [Nanoseconds] = []
  var minutes = MinuteTally()
  var hasWindows = false
  /// The longest time without a picture, in a session or between two.
  var longestOutage = Nanoseconds.zero
  /// The profile of the newest window.
  var rule: RuleReference?

  mutating func apply(_ window: QualityWindowFact) {
    hasWindows = true
    rule = window.profile ?? rule
    unit.hop = window.hop?.text
    let open = Set(window.open.compactMap(OpenQuestion.init(rawValue:)))
    // What the observer's own machine may have made speaks against no line.
    if !open.contains(.observerLimited) { longestOutage = max(longestOutage, QualityLine.outage(window)) }
    // The rest of a minute at a session's end is none.
    guard !open.contains(.windowTooShort) else { return }
    var minute = Judgement(reasons: Set(window.reasons.compactMap(ReasonCode.init(rawValue:))), open: open)
    minute.verdict = window.verdict.flatMap(Verdict.init(rawValue:)) ?? .undetermined
    minutes.add(minute)
  }

  private static func outage(_ window: QualityWindowFact) -> Nanoseconds {
    let freeze = window.longestFreeze ?? .zero
    guard window.framesReceived == 0, let from = window.from, let to = window.to else { return freeze }
    return max(freeze, to - from)
  }

  /// Another session goes on with it.
  mutating func goOn(_ session: String, at now: NodeInstant) {
    if let gap = lastMedia.flatMap({ now - $0 }) {
      longestOutage = max(longestOutage, gap)
      gaps.append(gap)
    }
    sessions.insert(session)
    (isOpen, end, mayReturn) = (true, nil, false)
  }

  /// Whether a new session of its stream is its device's return.
  func isReturn(at now: NodeInstant) -> Bool {
    guard !isOpen, mayReturn, let gap = lastMedia.flatMap({ now - $0 }) else { return false }
    return gap >= .zero && gap <= QualityLine.returnWithin
  }

  /// The minutes that lie in gaps, or lost more of their time to one than the clean ratio allows: no window shows them.
  private func missedMinutes(_ profile: QualityProfile) -> Int {
    guard let ratio = profile.cleanRatioPPM else { return 0 }
    let allowed = Int128(1_000_000 - ratio) * Int128(QualityLine.minuteNs)
    return gaps.reduce(0) { sum, gap in
      guard Int128(gap.value) * 1_000_000 > allowed else { return sum }
      let minutes = (Int128(gap.value) + Int128(QualityLine.minuteNs) - 1) / Int128(QualityLine.minuteNs)
      return sum + Int(min(minutes, Int128(QualityLine.mostMinutes)))
    }
  }

  /// Whether an order could have been for it: it was there, or began before the order's time was over.
  func answers(_ order: ConnectionAttempt) -> Bool {
    guard stream == order.unit.stream, start.sharesClock(with: order.start) else { return false }
    return end.map { $0 >= order.start.time } ?? true && start.time <= order.start.time + (order.limit ?? .zero)
  }

  /// - Parameter orders: each with the time until its picture, nil without one.
  func finish(orders: [Nanoseconds?], profiles: [String: QualityProfile]) -> RateUnit {
    var unit = unit
    unit.sessions = sessions
    if minutes.count == 0, isOpen { return unit }
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
    var minutes = minutes
    minutes.add(Judgement(reasons: [.offline], open: []), times: missedMinutes(profile))
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
