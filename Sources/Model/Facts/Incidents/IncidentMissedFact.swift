/// `incident.missed`: the limit is over without a proven picture. Time passes by facts, so this is what settles the verdict.
public struct IncidentMissedFact: FactBody {
  public static let kinds = [FactKind.incidentMissed]
  public var incident: String
  /// The policy's, from t1.
  public var limit: Nanoseconds

  public init(incident: String, limit: Nanoseconds) {
    self.incident = incident
    self.limit = limit
  }

  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let incident: String = read["incident"], let limit: Nanoseconds = read["limitNs"] else {
      return nil
    }
    self.init(incident: incident, limit: limit)
  }

  public var fields: [String: JSON] { ["incident": incident.json, "limitNs": limit.json] }
}
