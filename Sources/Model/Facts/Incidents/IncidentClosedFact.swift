/// `incident.closed`: t10. What was measured stays; no further picture is looked for.
public struct IncidentClosedFact: FactBody {
  /// Written by the incident desk.
  public static let kinds = [FactKind.incidentClosed]
  /// Id of the incident.
  public var incident: String
  /// What the person typed; nil without.
  public var reason: String?
  /// Who it was, as a commitment; nil where nobody was named.
  public var by: PersonCommitment?

  public init(incident: String, reason: String?, by: PersonCommitment? = nil) {
    self.incident = incident
    self.reason = reason
    self.by = by
  }

  /// Nil for another kind, or without `incident`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let incident: String = read["incident"] else { return nil }
    self.init(incident: incident, reason: read["reason"], by: read["by"])
  }

  /// Null for nil: `reason`. Left out when nil: `by`.
  public var fields: [String: JSON] {
    var fields = ["incident": incident.json, "reason": reason.json]
    fields["by"] = by?.json
    return fields
  }
}
