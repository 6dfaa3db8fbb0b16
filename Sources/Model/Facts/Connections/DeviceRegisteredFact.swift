/// `device.registered`: one a registered device, at each start; holds until the next one of that device.
public struct DeviceRegisteredFact: FactBody {
  public static let kinds = [FactKind.deviceRegistered]
  public var device: String
  public var stream: FactText<StreamName>
  public var deviceClass: FactText<DeviceClass>?
  /// Where it belongs; nil where nobody wrote it down.
  public var town: String?

  public init(device: String, stream: StreamName, deviceClass: DeviceClass, town: String?) {
    self.device = device
    self.stream = FactText(stream)
    self.deviceClass = FactText(deviceClass)
    self.town = town
  }

  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let device: String = read["device"], let stream: FactText<StreamName> = read["stream"]
    else { return nil }
    self.device = device
    self.stream = stream
    deviceClass = read["class"]
    town = read["town"]
  }

  public var fields: [String: JSON] {
    ["device": device.json, "stream": stream.json, "class": deviceClass.json, "town": town.json]
  }
}
