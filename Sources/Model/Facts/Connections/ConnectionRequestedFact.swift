/// `connection.requested`: a centre asks a device for a live picture, outside any incident.
public struct ConnectionRequestedFact: FactBody {
  /// Written by the connection desk.
  public static let kinds = [FactKind.connectionRequested]

  /// Why a centre asks.
  public enum Way: String, Sendable, CaseIterable, TextValue {
    case rollCall, spotCheck, probe
  }

  /// Id of the request outside incidents.
  public var attempt: String
  /// Name of the device, as registered.
  public var device: String
  /// Path of the stream, as this node names it.
  public var stream: FactText<StreamName>
  /// Nil where nobody registered one.
  public var deviceClass: FactText<DeviceClass>?
  /// Nil for a way that this version does not know.
  public var how: FactText<Way>?
  /// Who it was, as a commitment; nil where nobody was named.
  public var by: PersonCommitment?

  public init(attempt: String, device: String, stream: StreamName, deviceClass: DeviceClass, how: Way, by: PersonCommitment? = nil) {
    self.attempt = attempt
    self.device = device
    self.stream = FactText(stream)
    self.deviceClass = FactText(deviceClass)
    self.how = FactText(how)
    self.by = by
  }

  /// Without a stream it is the device's name.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let attempt: String = read["attempt"], let device: String = read["device"] else {
      return nil
    }
    self.attempt = attempt
    self.device = device
    stream = read["stream"] ?? FactText(text: device)
    deviceClass = read["class"]
    how = read["how"]
    by = read["by"]
  }

  /// Null for nil: `class`, `how`. Left out when nil: `by`.
  public var fields: [String: JSON] {
    var fields = ["attempt": attempt.json, "device": device.json, "stream": stream.json, "class": deviceClass.json, "how": how.json]
    fields["by"] = by?.json
    return fields
  }
}
