/// `incident.closed`: t10. What was measured stays; no further picture is looked for.
public struct IncidentClosedFact: FactBody {
  public static let kinds = [FactKind.incidentClosed]
  public var incident: String
  public var reason: String?
  public var by: PersonCommitment?

  public init(incident: String, reason: String?, by: PersonCommitment? = nil) {
    self.incident = incident
    self.reason = reason
    self.by = by
  }

  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let incident: String = read["incident"] else { return nil }
    self.init(incident: incident, reason: read["reason"], by: read["by"])
  }

  public var fields: [String: JSON] {
    var fields = ["incident": incident.json, "reason": reason.json]
    fields["by"] = by?.json
    return fields
  }
}
