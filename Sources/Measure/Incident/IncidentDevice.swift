public import Model

/// One device of an incident.
public struct IncidentDevice: Hashable, Sendable {
  public var name: String
  public var stream: String
  public var deviceClass: DeviceClass?
  /// Whether its class counts as 现场画面 under the policy.
  public var isEligible = false
  /// Its stream was live before t1: only frames received after t1 count, and it shows nothing of how fast a crew is.
  public var isPreopened = false
  /// A second, different unit was decoded within the policy's time of the first picture.
  public var isAlive = false

  public var json: JSON {
    [
      "device": .string(name), "stream": .string(stream), "class": .words(deviceClass?.rawValue), "eligible": .bool(isEligible),
      "preopened": .bool(isPreopened), "alive": .bool(isAlive),
    ]
  }
}
