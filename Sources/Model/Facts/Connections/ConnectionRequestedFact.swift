/// `connection.requested`: a centre asks a device for a live picture, outside any incident.
public struct ConnectionRequestedFact: FactBody {
  public static let kinds = [FactKind.connectionRequested]

  public enum Way: String, Sendable, CaseIterable, TextValue {
    case rollCall, spotCheck, probe
  }

  public var attempt: String
  public var device: String
  public var stream: FactText<StreamName>
  public var deviceClass: FactText<DeviceClass>?
  public var how: FactText<Way>?
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

  public var fields: [String: JSON] {
    var fields = ["attempt": attempt.json, "device": device.json, "stream": stream.json, "class": deviceClass.json, "how": how.json]
    fields["by"] = by?.json
    return fields
  }
}
