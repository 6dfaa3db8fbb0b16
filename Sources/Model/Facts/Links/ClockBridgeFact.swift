/// `clock.bridge`: an incident of an earlier boot, and where the upper node's clock lies now: it went on while ours began anew. Once a boot and uplink.
public struct ClockBridgeFact: FactBody {
  /// Written by the clocks of incidents.
  public static let kinds = [FactKind.clockBridge]
  /// Id of the incident.
  public var incident: String
  /// The uplink's name, as configured.
  public var uplink: String
  /// At this fact's boot time.
  public var offset: PeerOffset

  public init(incident: String, uplink: String, offset: PeerOffset) {
    self.incident = incident
    self.uplink = uplink
    self.offset = offset
  }

  /// Nil for another kind, or without `incident`, `uplink` and the offset.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let incident: String = read["incident"], let uplink: String = read["uplink"],
      let offset = PeerOffset(read)
    else { return nil }
    self.init(incident: incident, uplink: uplink, offset: offset)
  }

  /// Every member is always there.
  public var fields: [String: JSON] { offset.members.merging(["incident": incident.json, "uplink": uplink.json]) { $1 } }
}
