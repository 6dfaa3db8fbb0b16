public import Measure
public import Model

/// What a browser in the hall says it presented.
public struct PresentedPicture: Sendable, Hashable {
  /// Name of the device, as registered.
  public var device: String
  /// A picture or a playing stream.
  public var what: ShownPicture.What
  /// The browser's own random name, 8 to 64 letters, digits and hyphens.
  public var viewer: String
  /// How long before it said so, by its own clock.
  public var age: Nanoseconds?
  /// When it said so.
  public var received: BootTime

  /// Throws ``FaultCode/requestInvalid`` for a viewer or an age that cannot be.
  public init(device: String, what: ShownPicture.What, viewer: String, age: Nanoseconds?, received: BootTime) throws(Fault) {
    let isName = viewer.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45 }
    guard (8...64).contains(viewer.utf8.count), isName else { throw Fault(.requestInvalid, "viewer") }
    if let age, age < .zero || age > .seconds(3600) { throw Fault(.requestInvalid, "ageMs") }
    self.device = device
    self.what = what
    self.viewer = viewer
    self.age = age
    self.received = received
  }
}
