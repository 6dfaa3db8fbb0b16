internal import Model

/// When a beacon was sent, on the upper node's boot clock, and when it arrived, on the lower's. With the time request that carries it these are
/// four timestamps for the upper node (measurement.md §4.2).
public struct ReceivedBeacon: Sendable, Hashable {
  /// Nanoseconds of the upper node's boot clock.
  public var sentNs: Int64
  /// Nanoseconds of the lower node's boot clock.
  public var arrivalNs: Int64

  public init(sentNs: Int64, arrivalNs: Int64) {
    self.sentNs = sentNs
    self.arrivalNs = arrivalNs
  }

  init?(_ fields: [String: JSON]) {
    guard let sent = fields["beaconNs"]?.intValue, let arrival = fields["beaconHeardNs"]?.intValue else { return nil }
    self.init(sentNs: sent, arrivalNs: arrival)
  }

  /// As they stand in a time request.
  var fields: [String: JSON] { ["beaconNs": .int(sentNs), "beaconHeardNs": .int(arrivalNs)] }
}
