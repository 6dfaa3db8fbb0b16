public import Model

/// What a receiver says about one source (RFC 3550 §6.4.1).
public struct ReportBlock: Hashable, Sendable {
  /// The source that the block is about.
  public var ssrc: UInt32
  /// Lost since the last report, in 1/256.
  public var fractionLost: UInt8
  /// Lost since the start, 24 bits signed: repeats make it negative.
  public var cumulativeLost: Int32
  /// Highest sequence number received, with the number of cycles above it (RFC 3550 §A.1).
  public var extendedHighestSequenceNumber: UInt32
  /// Interarrival jitter in ticks of the RTP clock.
  public var jitter: UInt32
  /// ``NTPTime/middle`` of the last sender report, 0 when none came.
  public var lastSenderReport: UInt32
  /// Since that report, in 1/65536 s.
  public var delaySinceLastSenderReport: UInt32

  public init(
    ssrc: UInt32, fractionLost: UInt8 = 0, cumulativeLost: Int32 = 0, extendedHighestSequenceNumber: UInt32 = 0, jitter: UInt32 = 0,
    lastSenderReport: UInt32 = 0, delaySinceLastSenderReport: UInt32 = 0
  ) {
    self.ssrc = ssrc
    self.fractionLost = fractionLost
    self.cumulativeLost = cumulativeLost
    self.extendedHighestSequenceNumber = extendedHighestSequenceNumber
    self.jitter = jitter
    self.lastSenderReport = lastSenderReport
    self.delaySinceLastSenderReport = delaySinceLastSenderReport
  }

  /// Round trip as the sender of the reports sees it: arrival − LSR − DLSR (RFC 3550 §6.4.1). Nil without a sender report, or when the
  /// receiver claims to have held it longer than it was gone.
  /// - Parameter arrival: when this block arrived, by the clock that stamped the sender reports.
  public func roundTrip(arrival: NTPTime) -> Nanoseconds? {
    guard lastSenderReport != 0 else { return nil }
    let units = Int32(bitPattern: arrival.middle &- lastSenderReport &- delaySinceLastSenderReport)
    return units < 0 ? nil : ReportBlock.nanoseconds(units: UInt32(units))
  }

  /// The delay field for a time since the last sender report; saturates at 18 h, 0 for the past.
  public static func delay(_ since: Nanoseconds) -> UInt32 {
    guard since.value > 0 else { return 0 }
    let (seconds, rest) = since.value.quotientAndRemainder(dividingBy: 1_000_000_000)
    guard seconds < 65_536 else { return .max }
    return UInt32(seconds) << 16 | UInt32((rest << 16) / 1_000_000_000)
  }

  private static func nanoseconds(units: UInt32) -> Nanoseconds { Nanoseconds(Int64((UInt64(units) &* 1_000_000_000) >> 16)) }
}
