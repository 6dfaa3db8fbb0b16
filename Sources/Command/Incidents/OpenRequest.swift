public import Model

/// What the duty desk enters, or an intake brings.
public struct OpenRequest: Sendable {
  /// 1 to 400 bytes.
  public var title: String
  /// When the report came in by the person's own watch; a label, never a figure.
  public var receivedAt: WallTime?
  /// t1: when the request was read, on the node's boot clock; nil for the moment of the call.
  public var readAt: BootTime?
  /// Names, at most 256; see ``DeviceRegister/resolve(_:)``.
  public var devices: [String]
  /// The other system's id of this incident; opening it twice gives the same incident.
  public var external: String?

  public init(title: String, receivedAt: WallTime? = nil, devices: [String], external: String? = nil, readAt: BootTime? = nil) {
    self.readAt = readAt
    self.title = title
    self.receivedAt = receivedAt
    self.devices = devices
    self.external = external
  }
}
