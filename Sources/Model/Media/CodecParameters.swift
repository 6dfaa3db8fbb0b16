/// What a decoder needs before the first access unit. Parameter sets are NAL units without prefix or start code.
public enum CodecParameters: Hashable, Sendable {
  case h264(sps: [[UInt8]], pps: [[UInt8]])
  case h265(vps: [[UInt8]], sps: [[UInt8]], pps: [[UInt8]])
  /// ISO/IEC 14496-3 AudioSpecificConfig.
  case aac(audioSpecificConfig: [UInt8])
  case opus(channels: Int)
  case g711(channels: Int)
}
