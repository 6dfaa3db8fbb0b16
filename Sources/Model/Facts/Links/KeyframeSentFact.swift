/// `keyframe.sent`: E6, the instant **before** the first write of a key unit towards an upper node.
public struct KeyframeSentFact: FactBody {
  /// Written by an uplink.
  public static let kinds = [FactKind.keyframeSent]
  /// Empty in a line that lacks it; no receipt is for it then.
  public var uplink: String
  /// Path of the stream, as this node names it.
  public var stream: FactText<StreamName>?
  /// `node/path@epoch#number`.
  public var unit: FactText<AccessUnitID>
  /// Arrival of the unit's **first** packet.
  public var unitArrival: BootTime?

  public init(uplink: String, stream: FactText<StreamName>?, unit: FactText<AccessUnitID>, unitArrival: BootTime?) {
    self.uplink = uplink
    self.stream = stream
    self.unit = unit
    self.unitArrival = unitArrival
  }

  /// Nil for another kind, or without `unit`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let unit: FactText<AccessUnitID> = read["unit"] else { return nil }
    self.init(uplink: read["uplink"] ?? "", stream: read["stream"], unit: unit, unitArrival: read["unitArrivalNs"])
  }

  /// Null for nil: `stream`, `unitArrivalNs`.
  public var fields: [String: JSON] {
    ["uplink": uplink.json, "stream": stream.json, "unit": unit.json, "unitArrivalNs": unitArrival.json]
  }
}
