public import Model

/// How a track goes over RTP: what SDP says beside the codec's own parameters.
public struct RTPPayloadDescription: Hashable, Sendable {
  /// 0…127.
  public var payloadType: UInt8
  /// RTP ticks a second.
  public var clockRate: Int32
  /// What the depacketiser must know.
  public var format: RTPPayloadFormat
  /// RFC 6184 §6.2: 0 single NAL unit, 1 non-interleaved. 0 for other codecs.
  public var packetizationMode: Int
  /// `a=control`; nil when the media has none.
  public var control: String?
  /// The id of ``UnitIDExtension`` in the packets, 1…14; nil when they carry none.
  public var unitIDExtension: UInt8?
  /// The id of ``SentTimeExtension`` in the packets, 1…14; nil when they carry none.
  public var sentTimeExtension: UInt8?

  public init(
    payloadType: UInt8, clockRate: Int32, format: RTPPayloadFormat? = nil, packetizationMode: Int = 0, control: String? = nil
  ) {
    self.payloadType = payloadType
    self.clockRate = max(1, clockRate)
    self.format = format ?? RTPPayloadFormat(payloadType: payloadType)
    self.packetizationMode = packetizationMode
    self.control = control
  }

  /// How we send a track ourselves: G.711 under its static type, others under 96 + index; video at 90 kHz, AAC at its sampling rate,
  /// Opus at 48 kHz; control `trackID=index`.
  public static func canonical(for track: Track) -> RTPPayloadDescription {
    RTPPayloadDescription(
      payloadType: payloadType(for: track), clockRate: RTPPacketizer.clockRate(of: track), packetizationMode: track.codec == .h264 ? 1 : 0,
      control: "trackID=\(track.index)")
  }

  private static func payloadType(for track: Track) -> UInt8 {
    switch track.codec {
    case .pcmu where RTPPacketizer.clockRate(of: track) == 8000 && track.channels <= 1: 0
    case .pcma where RTPPacketizer.clockRate(of: track) == 8000 && track.channels <= 1: 8
    default: 96 &+ min(track.index, 31)
    }
  }
}
