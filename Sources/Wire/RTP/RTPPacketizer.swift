public import Model
public import NIOCore

/// Writes one track's access units as RTP packets, each framed for RTSP's interleaving (`$ channel length packet`); a UDP sender skips the
/// four bytes. Keeps sequence number, SSRC, timestamps and the counts a sender report wants.
public struct RTPPacketizer: Sendable {
  /// Whose parameter sets are sent before key units that lack them. Set it when the publisher's change.
  public var track: Track
  public let payloadType: UInt8
  public let ssrc: UInt32
  /// RTP ticks a second: 90 000 for video, the sampling rate for audio (48 000 for Opus), whatever the units' timescale is.
  public let clockRate: Int32
  /// Of the next packet.
  public private(set) var sequenceNumber: UInt16
  /// Packets and payload octets sent so far, modulo 2³² as a sender report tells them (RFC 3550 §6.4.1).
  public private(set) var packetCount: UInt32 = 0
  public private(set) var octetCount: UInt32 = 0

  /// - Parameters:
  ///   - maximumPacketLength: of a whole RTP packet with header and extension.
  ///   - unitIDExtension: the id from `a=extmap` (1…14) under which the first packet of each unit carries the unit's id; nil for none.
  public init(
    track: Track, payloadType: UInt8, ssrc: UInt32, sequenceNumber: UInt16 = 0, timestampOffset: UInt32 = 0, maximumPacketLength: Int = 1400,
    unitIDExtension: UInt8? = nil
  ) {
    self.track = track
    self.payloadType = payloadType
    self.ssrc = ssrc
    self.sequenceNumber = sequenceNumber
    clockRate = 90_000
  }

  /// Appends the packets of one unit.
  public mutating func packetize(_ unit: AccessUnit, channel: UInt8, into buffer: inout ByteBuffer) {}

  /// The RTP timestamp of an instant on the stream's time line: for sender reports and RTP-Info.
  public func timestamp(of time: MediaTime) -> UInt32 { 0 }
}
