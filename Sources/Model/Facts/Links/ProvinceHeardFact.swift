/// `province.heard`: E1′, the arrival of a county's E1 at its upper node.
public struct ProvinceHeardFact: FactBody {
  /// Written by the upper desk.
  public static let kinds = [FactKind.provinceHeard]
  /// Id of the incident.
  public var incident: String
  /// The lower node's name.
  public var county: String
  /// 32 hexadecimal digits that only this incident has.
  public var nonce: String
  /// Hash of the county's `incident.opened` line.
  public var openedSha256: String
  /// Of the beacon of this node and boot that E1 carried; nil when it carried none.
  public var beaconNonce: String?
  /// p(B), when that beacon was sent.
  public var beacon: BootTime?
  /// E1 as it came over the link (docs/control-link.md).
  public var opened: [String: JSON]

  public init(
    incident: String, county: String, nonce: String, openedSha256: String, beaconNonce: String?, beacon: BootTime?, opened: [String: JSON]
  ) {
    self.incident = incident
    self.county = county
    self.nonce = nonce
    self.openedSha256 = openedSha256
    self.beaconNonce = beaconNonce
    self.beacon = beacon
    self.opened = opened
  }

  /// Nil for another kind, or without `incident` and `county`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let incident: String = read["incident"], let county: String = read["county"] else {
      return nil
    }
    self.init(
      incident: incident, county: county, nonce: read["nonce"] ?? "", openedSha256: read["openedSha256"] ?? "",
      beaconNonce: read["beaconNonce"], beacon: read["beaconNs"], opened: read.object("opened") ?? [:])
  }

  /// Null for nil: `beaconNonce`, `beaconNs`.
  public var fields: [String: JSON] {
    [
      "incident": incident.json, "county": county.json, "nonce": nonce.json, "openedSha256": openedSha256.json,
      "beaconNonce": beaconNonce.json, "beaconNs": beacon.json, "opened": .object(opened),
    ]
  }
}
