/// A track's cumulative packet counters since its session began. Names follow RFC 3550, RFC 3611 and W3C webrtc-stats.
///
/// Over RTMP, which has no packets, all are zero but ``bytesReceived``; RTP over TCP is counted too (a sender may drop), its reordering means nothing.
public struct TrackCounters: Hashable, Sendable {
  /// ``Track/index``.
  public var track: UInt8
  /// max(e) − min(e) + 1 over extended sequence numbers, summed over restarts of the sequence.
  public var packetsExpected: Int64 = 0
  /// Different sequence numbers received: |set(e)|.
  public var packetsReceived: Int64 = 0
  /// Sequence numbers received again.
  public var packetsDuplicated: Int64 = 0
  /// Arrived with e below the highest before (RFC 4737 §3).
  public var packetsReordered: Int64 = 0
  /// Arrived 1024 or more packets behind: neither received nor duplicated, for nobody can know which.
  public var packetsLate: Int64 = 0
  /// Single packets far outside the sequence (RFC 3550 A.1), counted nowhere else.
  public var packetsDiscarded: Int64 = 0
  /// Lost on the wire and repaired (FEC, retransmission, SRT): raw loss is lost + recovered.
  public var packetsRecovered: Int64 = 0
  /// Every byte that arrived for the track, duplicates and strays included.
  public var bytesReceived: Int64 = 0
  /// Interarrival jitter now, RFC 3550 §6.4.1, nanoseconds.
  public var jitterNs: Int64 = 0
  /// Sum and count of the jitter after each packet: their differences give a window's mean.
  public var jitterSumNs: Int64 = 0
  /// See ``jitterSumNs``.
  public var jitterCount: Int64 = 0
  /// Largest jitter since the sample before.
  public var jitterMaxNs: Int64 = 0
  /// Packets whose fate is decided (1024 behind the highest, or at close), and of them the bursts of RFC 3611 §4.7.2 with Gmin 16:
  /// how many, their length in packets, and the losses in them.
  public var packetsDecided: Int64 = 0
  /// See ``packetsDecided``.
  public var bursts: Int64 = 0
  /// See ``packetsDecided``.
  public var burstPackets: Int64 = 0
  /// See ``packetsDecided``.
  public var burstLost: Int64 = 0
  /// Losses decided, in bursts and in gaps.
  public var decidedLost: Int64 = 0
  /// How often the sequence began anew (SSRC change or RFC 3550 A.1 restart).
  public var restarts: Int64 = 0

  public init(track: UInt8) { self.track = track }

  /// expected − |set(e)|, before any repair.
  public var packetsLost: Int64 { packetsExpected &- packetsReceived }
}
