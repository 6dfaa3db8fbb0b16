/// `connection.missed`: the time for a picture is over without one.
public struct ConnectionMissedFact: FactBody {
  public static let kinds = [FactKind.connectionMissed]
  public var device: String
  /// The connection policy's, from the request or the call-out.
  public var limit: Nanoseconds
  /// One of the two is there: a request outside incidents, or the incident that called the device out.
  public var attempt: String?
  public var incident: String?

  public init(device: String, limit: Nanoseconds, attempt: String?, incident: String?) {
    self.device = device
    self.limit = limit
    self.attempt = attempt
    self.incident = incident
  }

  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let device: String = read["device"] else { return nil }
    self.init(device: device, limit: read["limitNs"] ?? .zero, attempt: read["attempt"], incident: read["incident"])
  }

  public var fields: [String: JSON] {
    var fields = ["device": device.json, "limitNs": limit.json]
    fields["attempt"] = attempt?.json
    fields["incident"] = incident?.json
    return fields
  }
}
