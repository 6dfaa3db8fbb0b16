/// `offset.interval`: how far an upper node's boot clock lies from ours, once a minute while the link is up.
public struct OffsetIntervalFact: FactBody {
  /// Written by an uplink.
  public static let kinds = [FactKind.offsetInterval]
  /// The uplink's name, as configured.
  public var uplink: String
  /// Fingerprint of the upper node's key.
  public var peer: String
  /// The upper node's boot id; nil where it is not known.
  public var peerBoot: String?
  /// Upper node's boot time − ours, nanoseconds.
  public var low: Int64
  /// Its upper bound.
  public var high: Int64
  /// Exchanges that bound it, and the time that they cover.
  public var samples: Int64
  /// The time that the exchanges cover.
  public var span: Nanoseconds

  public init(uplink: String, peer: String, peerBoot: String?, low: Int64, high: Int64, samples: Int64, span: Nanoseconds) {
    self.uplink = uplink
    self.peer = peer
    self.peerBoot = peerBoot
    self.low = low
    self.high = high
    self.samples = samples
    self.span = span
  }

  /// Nil for another kind, or without `uplink`, `lowNs` and `highNs`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let uplink: String = read["uplink"], let low: Int64 = read["lowNs"],
      let high: Int64 = read["highNs"]
    else { return nil }
    self.init(
      uplink: uplink, peer: read["peer"] ?? "", peerBoot: read["peerBoot"], low: low, high: high, samples: read["samples"] ?? 0,
      span: read["spanNs"] ?? .zero)
  }

  /// Null for nil: `peerBoot`.
  public var fields: [String: JSON] {
    [
      "uplink": uplink.json, "peer": peer.json, "peerBoot": peerBoot.json, "lowNs": low.json, "highNs": high.json, "samples": samples.json,
      "spanNs": span.json,
    ]
  }
}
