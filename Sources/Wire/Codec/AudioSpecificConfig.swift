/// AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1): what an AAC decoder needs, as SDP, RTMP and Matroska carry it.
public struct AudioSpecificConfig: Hashable, Sendable {
  private static let rates = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350]

  /// Of the core coder; 2 = AAC LC. Spectral band replication (5, 29) shows in ``sampleRate`` and ``coreSampleRate``.
  public var objectType: Int
  /// Samples a second of the decoded sound, spectral band replication counted where it is signalled.
  public var sampleRate: Int
  /// Samples a second of the core coder.
  public var coreSampleRate: Int
  /// Channels of the core coder; 0 when a program config element has them.
  public var channels: Int
  /// Samples of one frame at ``sampleRate``: 1024 or 960, doubled by spectral band replication.
  public var samplesPerFrame: Int

  /// AAC LC, 1024 samples a frame.
  public init(sampleRate: Int, channels: Int) {
    objectType = 2
    self.sampleRate = max(1, sampleRate)
    coreSampleRate = self.sampleRate
    self.channels = channels
    samplesPerFrame = 1024
  }

  /// Parses a config; nil when it is cut short or has an impossible rate.
  public init?(_ bytes: [UInt8]) {
    var reader = BitReader(bytes)
    objectType = AudioSpecificConfig.readObjectType(&reader)
    guard let core = AudioSpecificConfig.readRate(&reader) else { return nil }
    coreSampleRate = core
    sampleRate = core
    let configuration = reader.int(4)
    channels = configuration == 7 ? 8 : configuration < 7 ? configuration : 0
    let isExplicit = objectType == 5 || objectType == 29
    if isExplicit {
      guard let rate = AudioSpecificConfig.readRate(&reader) else { return nil }
      sampleRate = rate
      objectType = AudioSpecificConfig.readObjectType(&reader)
      guard objectType != 5, objectType != 29 else { return nil }
    }
    let hasShortFrames = AudioSpecificConfig.isGeneral(objectType) && reader.bit()
    guard !reader.failed, objectType > 0 else { return nil }
    let isLowDelay = objectType == 23 || objectType == 39
    samplesPerFrame = (hasShortFrames ? 960 : 1024) / (isLowDelay ? 2 : 1)
    if !isExplicit, configuration != 0, let rate = AudioSpecificConfig.readReplication(&reader, objectType) { sampleRate = rate }
    if sampleRate != coreSampleRate { samplesPerFrame = samplesPerFrame * sampleRate / coreSampleRate }
  }

  /// The config of the core coder.
  public var bytes: [UInt8] {
    var value: UInt64 = 0
    var count = 0
    func append(_ bits: Int, _ width: Int) {
      value = value << UInt64(width) | UInt64(truncatingIfNeeded: bits) & (1 << UInt64(width) - 1)
      count += width
    }
    if objectType >= 32 {
      append(31, 5)
      append(objectType - 32, 6)
    } else {
      append(objectType, 5)
    }
    if let index = AudioSpecificConfig.rates.firstIndex(of: coreSampleRate) {
      append(index, 4)
    } else {
      append(15, 4)
      append(coreSampleRate, 24)
    }
    append(channels == 8 ? 7 : channels, 4)
    let coreSamples = sampleRate == coreSampleRate ? samplesPerFrame : samplesPerFrame / 2
    append(coreSamples == 960 || coreSamples == 480 ? 4 : 0, 3)
    append(0, (8 - count % 8) % 8)
    return stride(from: count - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> UInt64($0)) }
  }

  private static func isGeneral(_ objectType: Int) -> Bool {
    switch objectType {
    case 1...4, 6, 7, 17, 19...23: true
    default: false
    }
  }

  private static func readObjectType(_ reader: inout BitReader) -> Int {
    let type = reader.int(5)
    return type == 31 ? 32 + reader.int(6) : type
  }

  private static func readRate(_ reader: inout BitReader) -> Int? {
    let index = reader.int(4)
    let rate = index == 15 ? reader.int(24) : index < rates.count ? rates[index] : 0
    return rate > 0 && rate <= 192_000 && !reader.failed ? rate : nil
  }

  /// Spectral band replication signalled behind the core's config (§1.6.6.1): its rate.
  private static func readReplication(_ reader: inout BitReader, _ objectType: Int) -> Int? {
    guard isGeneral(objectType) else { return nil }
    if reader.bit() { reader.skip(14) }
    guard !reader.bit(), reader.bitsLeft >= 16, reader.bits(11) == 0x2B7, readObjectType(&reader) == 5, reader.bit() else { return nil }
    return readRate(&reader)
  }
}
