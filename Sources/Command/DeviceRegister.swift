public import Model

/// A device as it is registered: its name, the stream it publishes, its class, its town.
public struct RegisteredDevice: Sendable, Hashable {
  /// As people call it.
  public var name: String
  /// The stream that it publishes.
  public var stream: StreamName
  /// Decides whether its picture counts.
  public var deviceClass: DeviceClass
  /// The town (乡镇、街道) that the device belongs to, by which rates are grouped; nil where none is registered.
  public var town: String?

  public init(name: String, stream: StreamName, deviceClass: DeviceClass, town: String? = nil) {
    self.name = name
    self.stream = stream
    self.deviceClass = deviceClass
    self.town = town
  }
}

/// The devices of this centre by name.
public struct DeviceRegister: Sendable {
  /// In the order of the configuration.
  public let devices: [RegisteredDevice]

  public init(_ devices: [RegisteredDevice]) { self.devices = devices }

  /// The device that a call-out names: a registered one, or, because an incident cannot wait for paperwork, a stream's path (`live/cam1`) or its last part
  /// (`cam1` for `live/cam1`), then of class soloKit. Throws ``FaultCode/deviceUnknown``.
  public func resolve(_ name: String) throws(Fault) -> RegisteredDevice {
    if let known = devices.first(where: { $0.name == name }) { return known }
    if let known = devices.first(where: { $0.stream.path == name }) { return known }
    guard !name.isEmpty, let stream = StreamName(name.contains("/") ? name : "live/\(name)") else { throw Fault(.deviceUnknown, name) }
    return RegisteredDevice(name: name, stream: stream, deviceClass: .soloKit)
  }
}
