public import Model

/// What the duty desk enters, or an intake brings.
public struct OpenRequest: Sendable {
  /// 1 to 400 bytes.
  public var title: String
  /// When the report came in by the person's own watch; a label, never a figure.
  public var receivedAt: WallTime?
  /// Names, at most 256; see ``DeviceRegister/resolve(_:)``.
  public var devices: [String]
  /// The other system's id of this incident; opening it twice gives the same incident.
  public var external: String?

  public init(title: String, receivedAt: WallTime? = nil, devices: [String], external: String? = nil) {
    self.title = title
    self.receivedAt = receivedAt
    self.devices = devices
    self.external = external
  }
}
