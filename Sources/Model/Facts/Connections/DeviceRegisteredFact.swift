/// `device.registered`: one a registered device, at each start; holds until the next one of that device.
public struct DeviceRegisteredFact: FactBody {
  /// Written by the node, at each start.
  public static let kinds = [FactKind.deviceRegistered]
  /// Name of the device, as registered.
  public var device: String
  /// Path of the stream, as this node names it.
  public var stream: FactText<StreamName>
  /// Nil where nobody registered one.
  public var deviceClass: FactText<DeviceClass>?
  /// Where it belongs; nil where nobody wrote it down.
  public var town: String?

  public init(device: String, stream: StreamName, deviceClass: DeviceClass, town: String?) {
    self.device = device
    self.stream = FactText(stream)
    self.deviceClass = FactText(deviceClass)
    self.town = town
  }

  /// Nil for another kind, or without `device` and `stream`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let device: String = read["device"], let stream: FactText<StreamName> = read["stream"]
    else { return nil }
    self.device = device
    self.stream = stream
    deviceClass = read["class"]
    town = read["town"]
  }

  /// Null for nil: `class`, `town`.
  public var fields: [String: JSON] {
    ["device": device.json, "stream": stream.json, "class": deviceClass.json, "town": town.json]
  }
}
