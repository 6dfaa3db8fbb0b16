/// `verdict`: what the facts so far make of an incident, when that is settled or changed.
public struct VerdictFact: FactBody {
  /// Written by the index of incidents.
  public static let kinds = [FactKind.verdict]
  /// Id of the incident.
  public var incident: String
  /// The rule that judged; nil when it cannot be read.
  public var policy: RuleReference?
  /// `pass`, `fail` or `undetermined`.
  public var verdict: String?
  /// Codes of `IncidentReason`.
  public var reasons: [String]
  /// The published figures, integers only.
  public var figures: JSON

  public init(incident: String, policy: RuleReference?, verdict: String, reasons: [String], figures: JSON) {
    self.incident = incident
    self.policy = policy
    self.verdict = verdict
    self.reasons = reasons
    self.figures = figures
  }

  /// Nil for another kind.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds) else { return nil }
    incident = read["incident"] ?? ""
    policy = read["policy"]
    verdict = read["verdict"]
    reasons = read["reasons"] ?? []
    figures = read["figures"] ?? .null
  }

  /// The newest fact that was applied: whoever computes again applies no later ones. Nil in figures of before this was published.
  public var throughSequence: Int64? { FactReader(json: figures)?["throughSeq"] }

  /// Null for nil: `policy`, `verdict`.
  public var fields: [String: JSON] {
    ["incident": incident.json, "policy": policy.json, "verdict": verdict.json, "reasons": reasons.json, "figures": figures]
  }
}
