public import Model

/// The way up, as the incident desk needs it; the composition root joins it to the cascade.
public struct UpperTier: Sendable {
  /// One stream's newest unit when an incident was opened: units up to it were received before t1 and do not count.
  public struct Floor: Sendable, Hashable {
    /// Path of the stream.
    public var stream: StreamName
    /// 0 where nothing was received yet.
    public var epoch: UInt64
    /// The first number of that epoch that counts.
    public var number: UInt64

    public init(stream: StreamName, epoch: UInt64, number: UInt64) {
      self.stream = stream
      self.epoch = epoch
      self.number = number
    }
  }

  /// Where one upper node's boot clock lies against ours.
  public struct Offset: Sendable, Hashable {
    /// The uplink's name, as configured.
    public var uplink: String
    /// Upper node − this node.
    public var offset: PeerOffset

    public init(uplink: String, offset: PeerOffset) {
      self.uplink = uplink
      self.offset = offset
    }
  }

  /// The newest beacon of each uplink.
  public var beacons: @Sendable () -> [OpenedBeacon]
  /// Announces E1: the `incident.opened` fact, and where each stream's counting begins.
  public var announce: @Sendable (_ opened: Fact, _ floors: [Floor]) -> Void
  /// The incident is closed: no more pictures are wanted for it.
  public var withdraw: @Sendable (_ incident: String) -> Void
  /// Of each uplink whose upper node's clock is known now.
  public var offsets: @Sendable () -> [Offset]

  public init(
    beacons: @escaping @Sendable () -> [OpenedBeacon], announce: @escaping @Sendable (_ opened: Fact, _ floors: [Floor]) -> Void,
    withdraw: @escaping @Sendable (_ incident: String) -> Void, offsets: @escaping @Sendable () -> [Offset] = { [] }
  ) {
    self.beacons = beacons
    self.announce = announce
    self.withdraw = withdraw
    self.offsets = offsets
  }

  /// A node that reports to nobody.
  public static let none = UpperTier(beacons: { [] }, announce: { _, _ in }, withdraw: { _ in })
}
