/// How a track's RTP payload is laid out, where the codec alone does not say it: what `a=rtpmap` and `a=fmtp` told.
public struct RTPPayloadFormat: Hashable, Sendable {
  /// Packets with another payload type carry nothing for the track (comfort noise, retransmission); nil takes all.
  public var payloadType: UInt8?
  /// RFC 3640 §4.1 `sizeLength`, `indexLength`, `indexDeltaLength`: bits of each AU header's fields; AAC-hbr has 13, 3, 3.
  public var sizeLength: Int
  public var indexLength: Int
  public var indexDeltaLength: Int
  /// RFC 3640 §4.1 `constantDuration`: RTP ticks of one audio frame; nil takes it from the AudioSpecificConfig.
  public var constantDuration: Int?
  /// RFC 7798 §7.1: `sprop-max-don-diff` > 0, so that packets carry decoding order numbers.
  public var hasDecodingOrderNumbers: Bool

  public init(
    payloadType: UInt8? = nil, sizeLength: Int = 13, indexLength: Int = 3, indexDeltaLength: Int = 3, constantDuration: Int? = nil,
    hasDecodingOrderNumbers: Bool = false
  ) {
    self.payloadType = payloadType
    self.sizeLength = max(0, min(32, sizeLength))
    self.indexLength = max(0, min(32, indexLength))
    self.indexDeltaLength = max(0, min(32, indexDeltaLength))
    self.constantDuration = constantDuration
    self.hasDecodingOrderNumbers = hasDecodingOrderNumbers
  }
}
