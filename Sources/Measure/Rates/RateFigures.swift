public import Model

/// The three rates, 联通率 · 三十分钟响应率 · 连线质量达标率, from a journal's facts alone (field-guide §2.2–2.4, docs/recompute.md). No clock is read: what
/// is not settled by the facts so far is pending.
public struct RateFigures: Sendable, Hashable {
  /// The only kinds that rates depend on, besides those of ``IncidentFigures/kinds``.
  public static let kinds: Set<String> = [
    FactKind.nodeStarted, FactKind.profileEmbedded, FactKind.deviceRegistered, FactKind.incidentOpened, FactKind.incidentCalledOut,
    FactKind.incidentMissed, FactKind.incidentClosed, FactKind.connectionRequested, FactKind.connectionMissed, FactKind.exclusionApproved,
    FactKind.streamStarted, FactKind.streamResumed, FactKind.streamInterrupted, FactKind.streamEnded, FactKind.streamRefused,
    FactKind.streamFirstPacket, FactKind.streamFirstKeyframe, FactKind.pullFailed, FactKind.accessRefused, FactKind.pictureDecoded,
    FactKind.linkUp, FactKind.linkDown, FactKind.qualityWindow,
  ]

  /// 联通率, over attempts.
  public let connection: Rate
  /// 三十分钟响应率, over incidents.
  public let thirtyMinute: Rate
  /// 连线质量达标率, over lines.
  public let quality: Rate

  /// - Parameters:
  ///   - facts: of one journal, in its order; kinds that rates do not depend on are passed over.
  ///   - incidents: the figures of the same journal's incidents, in the order of their opening.
  ///   - month: of China Standard Time, `2026-11`; nil for all there is.
  public init(facts: [Fact], incidents: [IncidentFigures], month: String? = nil) {
    var counts = RateCounts()
    for fact in facts { counts.apply(fact) }
    self = RateFigures(counts, responses: incidents.map { counts.responses.unit($0) }, month: month)
  }

  /// - Parameter responses: of all incidents, in the order of their opening.
  init(_ counts: RateCounts, responses: [RateUnit], month: String?) {
    let (attempts, judged) = RateFigures.units(counts.connections.attempts, counts.lines, counts.exclusions)
    let answered = responses.map { unit in
      var unit = unit
      unit.exclusion = counts.exclusions.incident(unit.id)
      return unit
    }
    func chosen(_ units: [RateUnit]) -> [RateUnit] { month == nil ? units : units.filter { $0.month == month } }
    connection = Rate(chosen(attempts), undeterminedIsNotMet: true)
    thirtyMinute = Rate(chosen(answered), undeterminedIsNotMet: true)
    // What the observer could not judge is no failure of the line.
    quality = Rate(chosen(judged), undeterminedIsNotMet: false)
  }

  /// Attempts and lines, which know of one another: an attempt's link is its line's, a line's order is an attempt.
  private static func units(
    _ attempts: [ConnectionAttempt], _ quality: QualityReducer, _ exclusions: ExclusionList
  ) -> (attempts: [RateUnit], lines: [RateUnit]) {
    var orders: [Int: [Nanoseconds?]] = [:]
    var connections: [RateUnit] = []
    var never: [RateUnit] = []
    let linesOf = Dictionary(grouping: quality.lines.indices) { quality.lines[$0].stream }
    for attempt in attempts {
      var unit = attempt.finish()
      let isOffline = unit.outcome == .fail && unit.reasons == [FailureReason.offline.rawValue]
      unit.exclusion = exclusions.attempt(attempt.names, device: attempt.device)
      unit.exclusion?.isAccepted = !isOffline
      let line = linesOf[unit.stream ?? ""]?.first { quality.lines[$0].answers(attempt) }
      unit.link = line.flatMap { quality.lines[$0].unit.link }
      connections.append(unit)
      guard unit.outcome == .pass || unit.outcome == .fail, !unit.isExcluded else { continue }
      if let line { orders[line, default: []].append(unit.elapsed) } else if unit.outcome == .fail { never.append(unit) }
    }
    var lines = quality.lines.indices.map { index in
      var unit = quality.lines[index].finish(orders: orders[index] ?? [], profiles: quality.profiles)
      unit.exclusion = exclusions.session(among: quality.lines[index].sessions)
      return unit
    }
    lines += never.filter { $0.reasons != [FailureReason.operator.rawValue] }.map(neverCame)
    return (connections, lines)
  }

  /// An ordered line that never came: it fails like any other that does not connect, and nobody excludes it.
  private static func neverCame(_ attempt: RateUnit) -> RateUnit {
    var unit = attempt
    unit.hop = Hop.device.rawValue
    unit.reasons = [ReasonCode.offline.rawValue]
    unit.step = .t5
    unit.elapsed = nil
    unit.rule = nil
    unit.exclusion = nil
    return unit
  }

  /// As `recompute` prints it.
  public var json: PrintedJSON { .object(["connection": connection.json, "thirtyMinute": thirtyMinute.json, "quality": quality.json]) }
}
