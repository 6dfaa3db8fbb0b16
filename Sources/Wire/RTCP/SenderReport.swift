public import Model

/// An RTCP sender report (RFC 3550 §6.4.1): the source's wall clock against its RTP clock, and what it sent.
public struct SenderReport: Hashable, Sendable {
  /// Of the sender.
  public var ssrc: UInt32
  /// The sender's wall clock when it made the report.
  public var ntp: NTPTime
  /// The RTP timestamp of the same instant.
  public var rtpTimestamp: UInt32
  /// RTP packets since the source began, modulo 2³².
  public var packetCount: UInt32
  /// Payload bytes, modulo 2³².
  public var octetCount: UInt32
  /// What the sender receives itself; empty for one that only sends.
  public var reports: [ReportBlock]

  public init(ssrc: UInt32, ntp: NTPTime, rtpTimestamp: UInt32, packetCount: UInt32, octetCount: UInt32, reports: [ReportBlock] = []) {
    self.ssrc = ssrc
    self.ntp = ntp
    self.rtpTimestamp = rtpTimestamp
    self.packetCount = packetCount
    self.octetCount = octetCount
    self.reports = reports
  }

  /// The source's wall time of an RTP timestamp within 2³¹ ticks of the report's; nil when the source has no clock.
  public func wallTime(of timestamp: UInt32, clockRate: Int32) -> WallTime? {
    guard !ntp.isUnknown, clockRate > 0 else { return nil }
    let ticks = Int64(Int32(bitPattern: timestamp &- rtpTimestamp))
    let offset = MediaTime(value: ticks, timescale: clockRate).nanoseconds
    return WallTime(nanoseconds: ntp.wallTime.nanoseconds &+ offset)
  }
}
