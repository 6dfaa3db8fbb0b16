public import Model

/// The way up, as the incident desk needs it; the composition root joins it to the cascade.
public struct UpperTier: Sendable {
  /// One stream's newest unit when an incident was opened: units up to it were received before t1 and do not count.
  public struct Floor: Sendable, Hashable {
    public var stream: StreamName
    public var epoch: UInt64
    /// The first number of that epoch that counts.
    public var number: UInt64

    public init(stream: StreamName, epoch: UInt64, number: UInt64) {
      self.stream = stream
      self.epoch = epoch
      self.number = number
    }
  }

  /// The newest beacon of each uplink, as objects `{uplink, peer, nonce, arrivalNs, ns, boot, signature}`.
  public var beacons: @Sendable () -> [JSON]
  /// Says E1 up: the `incident.opened` fact, and where each stream's counting begins.
  public var announce: @Sendable (_ opened: Fact, _ floors: [Floor]) -> Void
  public var withdraw: @Sendable (_ incident: String) -> Void
  /// Where each upper node's boot clock lies against ours now, as objects `{uplink, peerBoot, lowNs, highNs}`; those not known are left out.
  public var offsets: @Sendable () -> [JSON]

  public init(
    beacons: @escaping @Sendable () -> [JSON], announce: @escaping @Sendable (_ opened: Fact, _ floors: [Floor]) -> Void,
    withdraw: @escaping @Sendable (_ incident: String) -> Void, offsets: @escaping @Sendable () -> [JSON] = { [] }
  ) {
    self.beacons = beacons
    self.announce = announce
    self.withdraw = withdraw
    self.offsets = offsets
  }

  /// A node that reports to nobody.
  public static let none = UpperTier(beacons: { [] }, announce: { _, _ in }, withdraw: { _ in })
}
