/// `incident.missed`: the limit is over without a proven picture. Time passes by facts, so this is what settles the verdict.
public struct IncidentMissedFact: FactBody {
  /// Written by the clocks of incidents.
  public static let kinds = [FactKind.incidentMissed]
  /// Id of the incident.
  public var incident: String
  /// The policy's, from t1.
  public var limit: Nanoseconds

  public init(incident: String, limit: Nanoseconds) {
    self.incident = incident
    self.limit = limit
  }

  /// Nil for another kind, or without `incident` and `limitNs`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let incident: String = read["incident"], let limit: Nanoseconds = read["limitNs"] else {
      return nil
    }
    self.init(incident: incident, limit: limit)
  }

  /// Every member is always there.
  public var fields: [String: JSON] { ["incident": incident.json, "limitNs": limit.json] }
}
