/// What became of a packet.
public enum PacketFate: String, Hashable, Sendable, CaseIterable {
  case delivered
  /// By chance, alone or in a burst.
  case lost
  /// The link was down.
  case outage
  /// No room before the bottleneck.
  case queueFull
}
