/// `profile.embedded`: a rule's whole text, once a boot before the first verdict that names it.
public struct ProfileEmbeddedFact: FactBody {
  public static let kinds = [FactKind.profileEmbedded]

  public enum What: String, Sendable, TextValue {
    /// Judges a session's quality.
    case profile
    /// Judges a rate.
    case policy
  }

  public var what: FactText<What>?
  public var rule: EmbeddedRule

  public init(_ what: What, _ rule: EmbeddedRule) {
    self.what = FactText(what)
    self.rule = rule
  }

  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let rule = EmbeddedRule(read) else { return nil }
    what = read["what"]
    self.rule = rule
  }

  public var fields: [String: JSON] { rule.members.merging(["what": what.json]) { $1 } }
}
