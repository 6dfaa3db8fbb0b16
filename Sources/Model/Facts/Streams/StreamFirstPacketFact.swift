/// `stream.firstPacket`: t5, once a session, and once more for each incident that names a stream which was live before t1.
public struct StreamFirstPacketFact: FactBody {
  public static let kinds = [FactKind.streamFirstPacket]
  public var stream: FactText<StreamName>
  public var session: String?
  /// The incident that it is the first packet after; with it ``unit`` and ``firstArrival``.
  public var incident: String?
  public var unit: FactText<AccessUnitID>?
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

  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let stream: FactText<StreamName> = read["stream"] else { return nil }
    self.stream = stream
    session = read["session"]
    incident = read["incident"]
    unit = read["unit"]
    firstArrival = read["firstArrivalNs"]
  }

  public var fields: [String: JSON] {
    var fields = ["stream": stream.json, "session": session.json]
    fields["incident"] = incident?.json
    fields["unit"] = unit?.json
    fields["firstArrivalNs"] = firstArrival?.json
    return fields
  }
}
