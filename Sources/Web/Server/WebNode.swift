public import Command
public import Model

/// The node that serves: what its pages and answers say of it.
public struct WebNode: Sendable {
  /// One segment of a stream's name: letters, digits, `-`, `_`, `.`, `~`.
  public var name: String
  /// `county` or `province`.
  public var role: String
  /// Of the program.
  public var version: String
  /// Where snapshots and receipts lie.
  public var dataFolder: String
  /// The boot clock is what pages count on; the wall clock is a label.
  public var clock: any NodeClock
  /// The registered devices, in the order of the configuration.
  public var devices: [RegisteredDevice]

  /// What each member is stands beside it.
  public init(name: String, role: String, version: String, dataFolder: String, clock: any NodeClock, devices: [RegisteredDevice]) {
    self.name = name
    self.role = role
    self.version = version
    self.dataFolder = dataFolder
    self.clock = clock
    self.devices = devices
  }
}
