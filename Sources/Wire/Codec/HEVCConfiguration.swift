public import Model

/// HEVCDecoderConfigurationRecord, `hvcC` (ISO/IEC 14496-15 §8.3.3): H.265 parameter sets as RTMP and Matroska carry them.
public struct HEVCConfiguration: Hashable, Sendable {
  public var vps: [[UInt8]]
  public var sps: [[UInt8]]
  public var pps: [[UInt8]]
  /// Bytes of the length before each NAL unit: 1, 2 or 4. What we send has 4.
  public var nalLengthSize: Int

  public init(vps: [[UInt8]], sps: [[UInt8]], pps: [[UInt8]]) {
    self.vps = vps
    self.sps = sps
    self.pps = pps
    nalLengthSize = 4
  }

  /// Parses a record; nil when it is cut short.
  public init?(_ record: [UInt8]) { return nil }

  /// The record; nil without VPS, SPS and PPS.
  public var bytes: [UInt8]? { nil }
  public var parameters: CodecParameters { .h265(vps: vps, sps: sps, pps: pps) }
}
