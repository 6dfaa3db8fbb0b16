/// `profile.embedded`: a rule's whole text, once a boot before the first verdict that names it.
public struct ProfileEmbeddedFact: FactBody {
  /// Written by the judge of windows and the connection desk.
  public static let kinds = [FactKind.profileEmbedded]

  /// What kind of rule it is.
  public enum What: String, Sendable, TextValue {
    /// Judges a session's quality.
    case profile
    /// Judges a rate.
    case policy
  }

  /// Nil in a line that does not say.
  public var what: FactText<What>?
  /// With its whole text.
  public var rule: EmbeddedRule

  public init(_ what: What, _ rule: EmbeddedRule) {
    self.what = FactText(what)
    self.rule = rule
  }

  /// Nil for another kind.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let rule = EmbeddedRule(read) else { return nil }
    what = read["what"]
    self.rule = rule
  }

  /// Null for nil: `what`.
  public var fields: [String: JSON] { rule.members.merging(["what": what.json]) { $1 } }
}
