internal import Model

/// When a beacon was sent, on the upper node's boot clock, and when it was heard, on the lower's. With the time request that carries it these are
/// four timestamps for the upper node (measurement.md §4.2).
public struct HeardBeacon: Sendable, Hashable {
  public var sentNs: Int64
  public var heardNs: Int64

  public init(sentNs: Int64, heardNs: Int64) {
    self.sentNs = sentNs
    self.heardNs = heardNs
  }

  init?(_ fields: [String: JSON]) {
    guard let sent = fields["beaconNs"]?.intValue, let heard = fields["beaconHeardNs"]?.intValue else { return nil }
    self.init(sentNs: sent, heardNs: heard)
  }

  var fields: [String: JSON] { ["beaconNs": .int(sentNs), "beaconHeardNs": .int(heardNs)] }
}
