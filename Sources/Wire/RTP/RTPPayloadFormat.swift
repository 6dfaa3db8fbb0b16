/// How a track's RTP payload is laid out, where the codec alone does not say it: what `a=rtpmap` and `a=fmtp` said.
public struct RTPPayloadFormat: Hashable, Sendable {
  /// Packets with another payload type carry nothing for the track (comfort noise, retransmission); nil accepts all.
  public var payloadType: UInt8?
  /// RFC 3640 §4.1 `sizeLength`, `indexLength`, `indexDeltaLength`: bits of each AU header's fields; AAC-hbr has 13, 3, 3.
  public var sizeLength: Int
  /// Bits of the first AU header's index.
  public var indexLength: Int
  /// Bits of the other AU headers' index.
  public var indexDeltaLength: Int
  /// RFC 3640 §4.1 `constantDuration`: RTP ticks of one audio frame; nil reads it from the AudioSpecificConfig.
  public var constantDuration: Int?
  /// RFC 7798 §7.1: `sprop-max-don-diff` > 0, so that packets carry decoding order numbers.
  public var hasDecodingOrderNumbers: Bool

  /// Lengths outside 0…32 bits are brought inside.
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
