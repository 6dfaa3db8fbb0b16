/// `incident.announced`: E1 was sent over a link. Every one after an uplink's first, or after a later `node.started`, is a retry.
public struct IncidentAnnouncedFact: FactBody {
  /// Written by an uplink.
  public static let kinds = [FactKind.incidentAnnounced]
  /// Id of the incident.
  public var incident: String
  /// The uplink's name, as configured.
  public var uplink: String
  /// The upper node's boot id then.
  public var peerBoot: String?

  public init(incident: String, uplink: String, peerBoot: String?) {
    self.incident = incident
    self.uplink = uplink
    self.peerBoot = peerBoot
  }

  /// Nil for another kind, or without `incident` and `uplink`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let incident: String = read["incident"], let uplink: String = read["uplink"] else {
      return nil
    }
    self.init(incident: incident, uplink: uplink, peerBoot: read["peerBoot"])
  }

  /// Null for nil: `peerBoot`.
  public var fields: [String: JSON] { ["incident": incident.json, "uplink": uplink.json, "peerBoot": peerBoot.json] }
}
