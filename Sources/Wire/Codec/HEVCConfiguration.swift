public import Model

/// HEVCDecoderConfigurationRecord, `hvcC` (ISO/IEC 14496-15 §8.3.3): H.265 parameter sets as RTMP and Matroska carry them.
public struct HEVCConfiguration: Hashable, Sendable {
  /// NAL units of type 32, without prefix.
  public var vps: [[UInt8]]
  /// NAL units of type 33, without prefix.
  public var sps: [[UInt8]]
  /// NAL units of type 34, without prefix.
  public var pps: [[UInt8]]
  /// Bytes of the length before each NAL unit: 1, 2 or 4. What we send has 4.
  public var nalLengthSize: Int

  public init(vps: [[UInt8]], sps: [[UInt8]], pps: [[UInt8]]) {
    self.vps = vps
    self.sps = sps
    self.pps = pps
    nalLengthSize = 4
  }

  /// Parses a record; nil when it is cut short. The version byte may be 0: early encoders wrote that.
  public init?(_ record: [UInt8]) {
    guard record.count >= 23, record[0] <= 1 else { return nil }
    nalLengthSize = Int(record[21] & 3) + 1
    guard nalLengthSize != 3 else { return nil }
    vps = []
    sps = []
    pps = []
    var at = 23
    for _ in 0..<record[22] {
      guard record.count - at >= 3 else { return nil }
      let type = H265NALType(rawValue: record[at] & 0x3F)
      let count = Int(record[at + 1]) << 8 | Int(record[at + 2])
      at += 3
      guard let nals = LengthPrefixed.read(record, &at, count: count) else { return nil }
      switch type {
      case .videoParameterSet: vps += nals
      case .sequenceParameterSet: sps += nals
      case .pictureParameterSet: pps += nals
      default: break
      }
    }
  }

  /// The record; nil without VPS, SPS and PPS, or when the SPS cannot be read.
  public var bytes: [UInt8]? {
    guard !vps.isEmpty, !pps.isEmpty, let first = sps.first, let parsed = H265SPS(nal: first) else { return nil }
    var record = header(parsed)
    let kinds = [(H265NALType.videoParameterSet, vps), (.sequenceParameterSet, sps), (.pictureParameterSet, pps)]
    record.append(UInt8(kinds.count))
    for (type, nals) in kinds {
      guard let count = UInt16(exactly: nals.count) else { return nil }
      // Not "complete": publishers repeat and change their sets in the stream.
      record += [type.rawValue, UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count)]
      guard LengthPrefixed.append(nals, to: &record) else { return nil }
    }
    return record
  }

  /// The same sets as a track has them.
  public var parameters: CodecParameters { .h265(vps: vps, sps: sps, pps: pps) }

  /// The 22 bytes before the arrays.
  private func header(_ sps: H265SPS) -> [UInt8] {
    func byte(_ value: some BinaryInteger) -> UInt8 { UInt8(truncatingIfNeeded: value) }
    var record: [UInt8] = [1, sps.profileSpace << 6 | (sps.isHighTier ? 0x20 : 0) | sps.profileIDC]
    for shift in [24, 16, 8, 0] as [UInt32] { record.append(byte(sps.profileCompatibilityFlags >> shift)) }
    for shift in [40, 32, 24, 16, 8, 0] as [UInt64] { record.append(byte(sps.constraintFlags >> shift)) }
    record.append(sps.levelIDC)
    record += [0xF0 | byte(sps.minimumSpatialSegmentation >> 8), byte(sps.minimumSpatialSegmentation)]
    // Parallelism 0: unknown. Average frame rate 0: unspecified.
    record += [0xFC, 0xFC | byte(sps.chromaFormatIDC), 0xF8 | byte(sps.bitDepthLuma - 8), 0xF8 | byte(sps.bitDepthChroma - 8), 0, 0]
    record.append(byte(sps.temporalLayers) << 3 | (sps.isTemporalIDNested ? 4 : 0) | byte(nalLengthSize - 1))
    return record
  }
}
