public import Model

/// Past verdicts under the rule that judged them, beside those that another would have given: which flip, and what becomes of the rates.
public struct RuleComparison: Sendable {
  /// Something that would be judged otherwise.
  public struct Flip: Sendable, Hashable {
    /// Incident, window or unit of count.
    public var id: String
    /// Verdict by the old rule.
    public var before: String
    /// Verdict by the new rule.
    public var after: String
    /// By the old rule.
    public var reasonsBefore: [String]
    /// By the new rule.
    public var reasonsAfter: [String]

    var json: PrintedJSON {
      .object([
        "id": .words(id), "before": .words(before), "after": .words(after),
        "reasonsBefore": .value(.array(reasonsBefore.map { .string($0) })), "reasonsAfter": .value(.array(reasonsAfter.map { .string($0) })),
      ])
    }
  }

  /// Which rule for which.
  public let change: RuleChange
  /// Verdicts that the old rule made, by what was judged.
  public let judgedIncidents: Int
  /// Windows that the old rule judged.
  public let judgedWindows: Int
  /// Of these windows, those whose samples are gone: they keep their verdict.
  public let windowsWithoutSamples: Int
  /// Incidents whose verdict changes.
  public let incidents: [Flip]
  /// Windows whose verdict changes.
  public let windows: [Flip]
  /// Attempts, incidents and lines whose outcome changes, by rate.
  public let units: [(rate: String, flips: [Flip])]
  /// Rates as they stand.
  public let before: RateFigures
  /// Rates by the new rule.
  public let after: RateFigures

  public init(_ change: RuleChange, facts: [Fact], recomputation: Recomputation) {
    self.change = change
    let changed = change.applied(to: facts, windows: recomputation.windows)
    let figures = IncidentFigures.all(from: changed)
    before = recomputation.rates
    after = RateFigures(facts: changed, incidents: figures)
    judgedIncidents = facts.count { $0.kind == FactKind.incidentOpened && change.concerns($0) }
    let own = zip(facts, changed).filter { $0.0.kind == FactKind.qualityWindow && change.concerns($0.0) }
    judgedWindows = own.count
    windowsWithoutSamples = own.count { QualityWindowFact($0.1)?.profile == QualityWindowFact($0.0)?.profile && change.old != change.new }
    incidents = zip(recomputation.incidents, figures).compactMap { old, new in
      RuleComparison.flip(old.id, old.verdict.rawValue, new.verdict.rawValue, old.reasons.map(\.rawValue), new.reasons.map(\.rawValue))
    }
    windows = own.compactMap { old, new in
      guard let old = QualityWindowFact(old), let new = QualityWindowFact(new) else { return nil }
      let id = "\(old.stream?.text ?? "") \(old.session ?? "") \(old.index ?? 0)"
      return RuleComparison.flip(id, old.verdict ?? "", new.verdict ?? "", old.reasons, new.reasons)
    }
    units = [
      ("connection", RuleComparison.flips(before.connection, after.connection)),
      ("thirtyMinute", RuleComparison.flips(before.thirtyMinute, after.thirtyMinute)),
      ("quality", RuleComparison.flips(before.quality, after.quality)),
    ]
  }

  /// As `policy-diff` prints it.
  public var json: PrintedJSON {
    .object([
      "old": .value(change.old.json), "new": .value(change.new.json),
      "judged": .object([
        "incidents": .int(judgedIncidents), "windows": .int(judgedWindows), "windowsWithoutSamples": .int(windowsWithoutSamples),
      ]),
      "incidents": .list(incidents.map(\.json)), "windows": .list(windows.map(\.json)),
      "units": .object(Dictionary(uniqueKeysWithValues: units.map { ($0.rate, .list($0.flips.map(\.json))) })),
      "rates": .object(["before": before.json, "after": after.json]),
    ])
  }

  private static func flips(_ before: Rate, _ after: Rate) -> [Flip] {
    // Another limit may make one attempt of two requests, or two of one: units are matched by their id.
    let old = Dictionary(before.outcomes.map { ($0.id, $0) }) { first, _ in first }
    let new = Dictionary(after.outcomes.map { ($0.id, $0) }) { first, _ in first }
    let ids = before.outcomes.map(\.id) + after.outcomes.map(\.id).filter { old[$0] == nil }
    return ids.compactMap { id in
      flip(id, old[id]?.outcome ?? "none", new[id]?.outcome ?? "none", old[id]?.reasons ?? [], new[id]?.reasons ?? [])
    }
  }

  private static func flip(_ id: String, _ before: String, _ after: String, _ reasonsBefore: [String], _ reasonsAfter: [String]) -> Flip? {
    before == after ? nil : Flip(id: id, before: before, after: after, reasonsBefore: reasonsBefore, reasonsAfter: reasonsAfter)
  }
}
