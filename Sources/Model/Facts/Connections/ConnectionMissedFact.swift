/// `connection.missed`: the time for a picture is over without one.
public struct ConnectionMissedFact: FactBody {
  /// Written by the connection desk.
  public static let kinds = [FactKind.connectionMissed]
  /// Name of the device, as registered.
  public var device: String
  /// The connection policy's, from the request or the call-out.
  public var limit: Nanoseconds
  /// One of the two is there: a request outside incidents, or the incident that called the device out.
  public var attempt: String?
  /// The incident that called the device out.
  public var incident: String?

  public init(device: String, limit: Nanoseconds, attempt: String?, incident: String?) {
    self.device = device
    self.limit = limit
    self.attempt = attempt
    self.incident = incident
  }

  /// Nil for another kind, or without `device`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let device: String = read["device"] else { return nil }
    self.init(device: device, limit: read["limitNs"] ?? .zero, attempt: read["attempt"], incident: read["incident"])
  }

  /// Left out when nil: `attempt`, `incident`.
  public var fields: [String: JSON] {
    var fields = ["device": device.json, "limitNs": limit.json]
    fields["attempt"] = attempt?.json
    fields["incident"] = incident?.json
    return fields
  }
}
