/// A device that an incident calls out, as `incident.opened` names it.
public struct OpenedDevice: Hashable, Sendable {
  /// Name of the device, as registered.
  public var device: String
  /// Path of the stream, as this node names it.
  public var stream: FactText<StreamName>
  /// Nil where nobody registered one.
  public var deviceClass: FactText<DeviceClass>?

  public init(device: String, stream: FactText<StreamName>, deviceClass: FactText<DeviceClass>?) {
    self.device = device
    self.stream = stream
    self.deviceClass = deviceClass
  }
}

extension OpenedDevice: FactObject {
  /// Without a stream it is the device's name.
  init?(_ read: FactReader) {
    guard let device: String = read["device"] else { return nil }
    self.init(device: device, stream: read["stream"] ?? FactText(text: device), deviceClass: read["class"])
  }

  var members: [String: JSON] { ["device": device.json, "stream": stream.json, "class": deviceClass.json] }
}
