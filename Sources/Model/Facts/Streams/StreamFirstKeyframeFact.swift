/// `stream.firstKeyframe`: t5k, at the arrival of the unit's last packet; once a session, and once more for each incident that names a live stream.
public struct StreamFirstKeyframeFact: FactBody {
  /// Written by the hub, and for incidents by the search for first pictures.
  public static let kinds = [FactKind.streamFirstKeyframe]
  /// Path of the stream, as this node names it.
  public var stream: FactText<StreamName>
  /// Id of the publication, `node-epoch`.
  public var session: String?
  /// `node/path@epoch#number`.
  public var unit: FactText<AccessUnitID>?
  /// Arrival of the unit's first packet.
  public var firstArrival: BootTime?
  /// Nil where it was written for an incident.
  public var isDamaged: Bool?
  /// The incident that it is the first key frame after.
  public var incident: String?

  /// The first of a session.
  public init(stream: StreamName, session: String, unit: AccessUnitID, firstArrival: BootTime, isDamaged: Bool) {
    self.stream = FactText(stream)
    self.session = session
    self.unit = FactText(unit)
    self.firstArrival = firstArrival
    self.isDamaged = isDamaged
  }

  /// The first after an incident's t1.
  public init(stream: StreamName, session: String, incident: String, unit: AccessUnitID, firstArrival: BootTime) {
    self.stream = FactText(stream)
    self.session = session
    self.unit = FactText(unit)
    self.firstArrival = firstArrival
    self.incident = incident
  }

  /// Nil for another kind, or without `stream`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let stream: FactText<StreamName> = read["stream"] else { return nil }
    self.stream = stream
    session = read["session"]
    unit = read["unit"]
    firstArrival = read["firstArrivalNs"]
    isDamaged = read["damaged"]
    incident = read["incident"]
  }

  /// Null for nil: `session`, `unit`, `firstArrivalNs`. Left out when nil: `damaged`, `incident`.
  public var fields: [String: JSON] {
    var fields = ["stream": stream.json, "session": session.json, "unit": unit.json, "firstArrivalNs": firstArrival.json]
    fields["damaged"] = isDamaged?.json
    fields["incident"] = incident?.json
    return fields
  }
}
