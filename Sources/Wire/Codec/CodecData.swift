public import Model

extension CodecParameters {
  /// The bytes containers carry: `avcC`, `hvcC`, AudioSpecificConfig, `OpusHead`; nil for G.711 and while parameter sets are missing.
  public var codecData: [UInt8]? {
    switch self {
    case .h264(let sps, let pps): AVCConfiguration(sps: sps, pps: pps).bytes
    case .h265(let vps, let sps, let pps): HEVCConfiguration(vps: vps, sps: sps, pps: pps).bytes
    case .aac(let config): config.count >= 2 ? config : nil
    case .opus(let channels): OpusHead(channels: channels).bytes
    case .g711: nil
    }
  }
}
