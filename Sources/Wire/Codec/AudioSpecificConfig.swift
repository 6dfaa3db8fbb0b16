/// AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1): what an AAC decoder needs, as SDP, RTMP and Matroska carry it.
public struct AudioSpecificConfig: Hashable, Sendable {
  /// 2 = AAC LC; 5 = SBR and 29 = PS are told by ``sampleRate`` and ``coreSampleRate``.
  public var objectType: Int
  /// Samples a second of the decoded sound, spectral band replication counted where it is signalled.
  public var sampleRate: Int
  /// Samples a second of the core coder.
  public var coreSampleRate: Int
  /// Channels of the core coder; 0 when a program config element tells them.
  public var channels: Int
  /// Samples of one frame at ``sampleRate``: 1024 or 960, doubled by spectral band replication.
  public var samplesPerFrame: Int

  /// AAC LC, 1024 samples a frame.
  public init(sampleRate: Int, channels: Int) {
    objectType = 2
    self.sampleRate = sampleRate
    coreSampleRate = sampleRate
    self.channels = channels
    samplesPerFrame = 1024
  }

  /// Parses a config; nil when it is cut short or tells an impossible rate.
  public init?(_ bytes: [UInt8]) { return nil }

  /// The config of the core coder.
  public var bytes: [UInt8] { [] }
}
