/// Where the upper node's boot clock lies against ours at a fact's boot time: upper − ours is in [low, high] (measurement.md §4.2).
public struct PeerOffset: Hashable, Sendable {
  /// The boot of the upper node whose clock it is.
  public var peerBoot: String
  /// Nanoseconds.
  public var low: Int64
  /// Its upper bound.
  public var high: Int64

  public init(peerBoot: String, low: Int64, high: Int64) {
    self.peerBoot = peerBoot
    self.low = low
    self.high = high
  }
}

extension PeerOffset: FactObject {
  init?(_ read: FactReader) {
    guard let boot: String = read["peerBoot"], let low: Int64 = read["lowNs"], let high: Int64 = read["highNs"] else { return nil }
    self.init(peerBoot: boot, low: low, high: high)
  }

  var members: [String: JSON] { ["peerBoot": peerBoot.json, "lowNs": low.json, "highNs": high.json] }
}
