public import Model

/// AVCDecoderConfigurationRecord, `avcC` (ISO/IEC 14496-15 §5.3.3): H.264 parameter sets as RTMP and Matroska carry them.
public struct AVCConfiguration: Hashable, Sendable {
  public var sps: [[UInt8]]
  public var pps: [[UInt8]]
  /// Bytes of the length before each NAL unit: 1, 2 or 4. What we send has 4.
  public var nalLengthSize: Int

  public init(sps: [[UInt8]], pps: [[UInt8]]) {
    self.sps = sps
    self.pps = pps
    nalLengthSize = 4
  }

  /// Parses a record; nil when it is cut short or has another version.
  public init?(_ record: [UInt8]) { return nil }

  /// The record; nil without an SPS and a PPS.
  public var bytes: [UInt8]? { nil }
  public var parameters: CodecParameters { .h264(sps: sps, pps: pps) }
}
