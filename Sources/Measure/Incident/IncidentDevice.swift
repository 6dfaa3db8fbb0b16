public import Model

/// One device of an incident.
public struct IncidentDevice: Hashable, Sendable {
  /// As registered.
  public var name: String
  /// Path of the stream.
  public var stream: String
  /// Nil for a class that this version does not know.
  public var deviceClass: DeviceClass?
  /// Whether its class counts as 现场画面 under the policy.
  public var isEligible = false
  /// Its stream was live before t1: only frames received after t1 count, and it shows nothing of how fast a crew is.
  public var isPreopened = false
  /// A second, different unit was decoded within the policy's time of the first picture.
  public var isAlive = false

  /// As a `verdict` fact carries it.
  public var json: JSON {
    [
      "device": .string(name), "stream": .string(stream), "class": .words(deviceClass?.rawValue), "eligible": .bool(isEligible),
      "preopened": .bool(isPreopened), "alive": .bool(isAlive),
    ]
  }
}
