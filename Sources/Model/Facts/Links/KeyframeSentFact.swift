/// `keyframe.sent`: E6, the instant **before** the first write of a key unit towards an upper node.
public struct KeyframeSentFact: FactBody {
  public static let kinds = [FactKind.keyframeSent]
  /// Empty in a line that lacks it; no receipt is for it then.
  public var uplink: String
  public var stream: FactText<StreamName>?
  public var unit: FactText<AccessUnitID>
  /// Arrival of the unit's **first** packet.
  public var unitArrival: BootTime?

  public init(uplink: String, stream: FactText<StreamName>?, unit: FactText<AccessUnitID>, unitArrival: BootTime?) {
    self.uplink = uplink
    self.stream = stream
    self.unit = unit
    self.unitArrival = unitArrival
  }

  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let unit: FactText<AccessUnitID> = read["unit"] else { return nil }
    self.init(uplink: read["uplink"] ?? "", stream: read["stream"], unit: unit, unitArrival: read["unitArrivalNs"])
  }

  public var fields: [String: JSON] {
    ["uplink": uplink.json, "stream": stream.json, "unit": unit.json, "unitArrivalNs": unitArrival.json]
  }
}
