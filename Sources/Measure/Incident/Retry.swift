public import Model

/// E1 announced again, because the link or one of the nodes had been lost (measurement.md §4.4).
public struct Retry: Hashable, Sendable {
  /// As configured.
  public var uplink: String
  /// The upper node's boot id then.
  public var peerBoot: String?
  /// On the county's clock.
  public var at: NodeInstant

  /// As a `verdict` fact carries it.
  public var json: JSON {
    ["uplink": .string(uplink), "peerBoot": .words(peerBoot), "boot": .string(at.boot), "bootNs": .int(at.time.nanoseconds)]
  }
}
