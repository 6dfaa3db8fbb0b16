/// `incident.opened`: t1 = E1, the moment of logging. The hash of this line is what goes up and comes back in the receipt.
public struct IncidentOpenedFact: FactBody {
  /// Written by the incident desk.
  public static let kinds = [FactKind.incidentOpened]
  /// Id of the incident.
  public var incident: String
  /// Empty in a line that lacks it.
  public var title: String
  /// 32 hexadecimal digits; empty in a line that lacks it.
  public var nonce: String
  /// `incident` or `drill`; nil where nobody said.
  public var occasion: String?
  /// RFC 3339, what the person typed: a label, never a figure.
  public var receivedAt: String?
  /// The other system's id.
  public var external: String?
  /// In the order in which they were called out.
  public var devices: [OpenedDevice]
  /// The rule that judges it, with its whole text.
  public var policy: EmbeddedRule?
  /// The newest of each uplink; empty with no link.
  public var beacons: [OpenedBeacon]

  public init(
    incident: String, title: String, nonce: String, occasion: String? = nil, receivedAt: WallTime?, external: String?,
    devices: [OpenedDevice], policy: EmbeddedRule, beacons: [OpenedBeacon]
  ) {
    self.incident = incident
    self.title = title
    self.nonce = nonce
    self.occasion = occasion
    self.receivedAt = receivedAt?.description
    self.external = external
    self.devices = devices
    self.policy = policy
    self.beacons = beacons
  }

  /// Nil for another kind, or without `incident`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let incident: String = read["incident"] else { return nil }
    self.incident = incident
    title = read["title"] ?? ""
    nonce = read["nonce"] ?? ""
    occasion = read["occasion"]
    receivedAt = read["receivedAt"]
    external = read["external"]
    devices = read["devices"] ?? []
    policy = read["policy"]
    beacons = read["beacons"] ?? []
  }

  /// Null for nil: `receivedAt`, `external`, `policy`. Left out when nil: `occasion`.
  public var fields: [String: JSON] {
    var fields = [
      "incident": incident.json, "title": title.json, "nonce": nonce.json, "receivedAt": receivedAt.json, "external": external.json,
      "devices": devices.json, "policy": policy.json, "beacons": beacons.json,
    ]
    fields["occasion"] = occasion?.json
    return fields
  }
}
