/// `exclusion.approved`: something is to leave a rate's denominator, and by whose leave (docs/recompute.md).
public struct ExclusionApprovedFact: FactBody {
  /// Written by the connection desk.
  public static let kinds = [FactKind.exclusionApproved]
  /// `connection`, `thirtyMinute` or `quality`.
  public var rate: String
  /// What the person typed.
  public var reason: String
  /// What is left out: an incident, a device of an incident, an attempt, or the line that a session belongs to.
  public var incident: String?
  /// With ``incident``.
  public var device: String?
  /// Of the rate `connection`.
  public var attempt: String?
  /// Of the rate `quality`.
  public var session: String?
  /// Who it was, as a commitment; nil where nobody was named.
  public var by: PersonCommitment?

  public init(
    rate: String, reason: String, incident: String? = nil, device: String? = nil, attempt: String? = nil, session: String? = nil,
    by: PersonCommitment?
  ) {
    self.rate = rate
    self.reason = reason
    self.incident = incident
    self.device = device
    self.attempt = attempt
    self.session = session
    self.by = by
  }

  /// Nil for another kind, or without `rate`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let rate: String = read["rate"] else { return nil }
    self.init(
      rate: rate, reason: read["reason"] ?? "", incident: read["incident"], device: read["device"], attempt: read["attempt"],
      session: read["session"], by: read["by"])
  }

  /// Left out when nil: `incident`, `device`, `attempt`, `session`, `by`.
  public var fields: [String: JSON] {
    var fields = ["rate": rate.json, "reason": reason.json]
    fields["incident"] = incident?.json
    fields["device"] = device?.json
    fields["attempt"] = attempt?.json
    fields["session"] = session?.json
    fields["by"] = by?.json
    return fields
  }
}
