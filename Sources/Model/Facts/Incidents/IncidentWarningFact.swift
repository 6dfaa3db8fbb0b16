/// `incident.warning`: so many minutes are over since t1 without a proven picture. Each of them once.
public struct IncidentWarningFact: FactBody {
  /// Written by the clocks of incidents.
  public static let kinds = [FactKind.incidentWarning]
  /// Id of the incident.
  public var incident: String
  /// 20 or 25, as the policy says.
  public var minutes: Int64
  /// Nil: of the whole incident.
  public var device: String?

  public init(incident: String, minutes: Int64, device: String? = nil) {
    self.incident = incident
    self.minutes = minutes
    self.device = device
  }

  /// Nil for another kind, or without `incident` and `minutes`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let incident: String = read["incident"], let minutes: Int64 = read["minutes"] else {
      return nil
    }
    self.init(incident: incident, minutes: minutes, device: read["device"])
  }

  /// Left out when nil: `device`.
  public var fields: [String: JSON] {
    var fields = ["incident": incident.json, "minutes": minutes.json]
    fields["device"] = device?.json
    return fields
  }
}
