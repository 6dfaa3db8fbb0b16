/// `stream.firstPacket`: t5, once a session, and once more for each incident that names a stream which was live before t1.
public struct StreamFirstPacketFact: FactBody {
  /// Written by the hub, and for incidents by the search for first pictures.
  public static let kinds = [FactKind.streamFirstPacket]
  /// Path of the stream, as this node names it.
  public var stream: FactText<StreamName>
  /// Id of the publication, `node-epoch`.
  public var session: String?
  /// The incident that it is the first packet after; with it ``unit`` and ``firstArrival``.
  public var incident: String?
  /// `node/path@epoch#number`.
  public var unit: FactText<AccessUnitID>?
  /// Arrival of the unit's first packet.
  public var firstArrival: BootTime?

  public init(stream: StreamName, session: String) {
    self.stream = FactText(stream)
    self.session = session
  }

  /// - Parameter unit: the first unit that began to arrive after t1.
  public init(stream: StreamName, session: String, incident: String, unit: AccessUnitID, firstArrival: BootTime) {
    self.init(stream: stream, session: session)
    self.incident = incident
    self.unit = FactText(unit)
    self.firstArrival = firstArrival
  }

  /// Nil for another kind, or without `stream`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let stream: FactText<StreamName> = read["stream"] else { return nil }
    self.stream = stream
    session = read["session"]
    incident = read["incident"]
    unit = read["unit"]
    firstArrival = read["firstArrivalNs"]
  }

  /// Null for nil: `session`. Left out when nil: `incident`, `unit`, `firstArrivalNs`.
  public var fields: [String: JSON] {
    var fields = ["stream": stream.json, "session": session.json]
    fields["incident"] = incident?.json
    fields["unit"] = unit?.json
    fields["firstArrivalNs"] = firstArrival?.json
    return fields
  }
}
