internal import Model

/// The NAL units that a decoder must have before the first slice.
enum ParameterSetKind: Hashable {
  case vps, sps, pps

  /// Nil when the NAL unit that begins with `header` is none.
  init?(_ codec: Codec, header: UInt8) {
    switch codec {
    case .h264:
      switch H264NALType(header: header) {
      case .sequenceParameterSet: self = .sps
      case .pictureParameterSet: self = .pps
      default: return nil
      }
    case .h265:
      switch H265NALType(header: header) {
      case .videoParameterSet: self = .vps
      case .sequenceParameterSet: self = .sps
      case .pictureParameterSet: self = .pps
      default: return nil
      }
    default: return nil
    }
  }

  /// The set's own id; nil when it cannot be read or is out of range.
  func id(_ codec: Codec, _ nal: [UInt8]) -> Int? {
    var reader = BitReader(nal: Array(nal.prefix(256)), headerLength: codec == .h264 ? 1 : 2)
    let id: Int
    switch (codec, self) {
    case (.h264, .sps):
      reader.skip(24)
      id = reader.unsigned(upTo: 31)
    case (.h264, _): id = reader.unsigned(upTo: 255)
    case (_, .vps): id = reader.int(4)
    case (_, .sps):
      reader.skip(4)
      let subLayers = min(6, reader.int(3))
      reader.skip(1)
      _ = H265ProfileTierLevel(&reader, subLayers: subLayers)
      id = reader.unsigned(upTo: 15)
    case (_, .pps): id = reader.unsigned(upTo: 63)
    }
    return reader.failed ? nil : id
  }
}
