/// What a picture fact is about: for what the picture was wanted, and which unit it is of.
public struct PictureSubject: Hashable, Sendable {
  /// The incident, or the attempt outside incidents, that wants it.
  public var incident: String?
  /// Nil in incidents.
  public var attempt: String?
  /// The lower node whose picture it is; at an upper node only.
  public var county: String?
  /// Always written.
  public var device: String?
  /// The lower node's own name of it, at an upper node too.
  public var stream: FactText<StreamName>?
  /// `node/path@epoch#number`.
  public var unit: FactText<AccessUnitID>?
  /// Arrival of the unit's **first** packet at this node.
  public var unitArrival: BootTime?

  public init(
    incident: String? = nil, attempt: String? = nil, county: String? = nil, device: String, stream: FactText<StreamName>,
    unit: AccessUnitID, unitArrival: BootTime
  ) {
    self.incident = incident
    self.attempt = attempt
    self.county = county
    self.device = device
    self.stream = stream
    self.unit = FactText(unit)
    self.unitArrival = unitArrival
  }

  init(_ read: FactReader) {
    device = read["device"]
    incident = read["incident"]
    attempt = read["attempt"]
    county = read["county"]
    stream = read["stream"]
    unit = read["unit"]
    unitArrival = read["unitArrivalNs"]
  }

  var members: [String: JSON] {
    var members = ["device": device.json, "stream": stream.json, "unit": unit.json, "unitArrivalNs": unitArrival.json]
    members["incident"] = incident?.json
    members["attempt"] = attempt?.json
    members["county"] = county?.json
    return members
  }
}
