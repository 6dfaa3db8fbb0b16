public import Model

/// AVCDecoderConfigurationRecord, `avcC` (ISO/IEC 14496-15 §5.3.3): H.264 parameter sets as RTMP and Matroska carry them.
public struct AVCConfiguration: Hashable, Sendable {
  /// NAL units of type 7, without prefix.
  public var sps: [[UInt8]]
  /// NAL units of type 8, without prefix.
  public var pps: [[UInt8]]
  /// Bytes of the length before each NAL unit: 1, 2 or 4. What we send has 4.
  public var nalLengthSize: Int

  public init(sps: [[UInt8]], pps: [[UInt8]]) {
    self.sps = sps
    self.pps = pps
    nalLengthSize = 4
  }

  /// Parses a record; nil when it is cut short or has another version.
  public init?(_ record: [UInt8]) {
    guard record.count >= 6, record[0] == 1 else { return nil }
    nalLengthSize = Int(record[4] & 3) + 1
    guard nalLengthSize != 3 else { return nil }
    var at = 6
    guard let sps = LengthPrefixed.read(record, &at, count: Int(record[5] & 0x1F)), at < record.count else { return nil }
    let count = Int(record[at])
    at += 1
    guard let pps = LengthPrefixed.read(record, &at, count: count) else { return nil }
    self.sps = sps
    self.pps = pps
  }

  /// The record; nil without an SPS and a PPS.
  public var bytes: [UInt8]? {
    guard let first = sps.first, first.count >= 4, !pps.isEmpty, sps.count <= 31, pps.count <= 255 else { return nil }
    var record: [UInt8] = [1, first[1], first[2], first[3], 0xFC | UInt8(truncatingIfNeeded: nalLengthSize - 1), 0xE0 | UInt8(sps.count)]
    guard LengthPrefixed.append(sps, to: &record) else { return nil }
    record.append(UInt8(pps.count))
    guard LengthPrefixed.append(pps, to: &record) else { return nil }
    if ![66, 77, 88].contains(first[1]), let parsed = H264SPS(nal: first) {
      record.append(0xFC | UInt8(truncatingIfNeeded: parsed.chromaFormatIDC))
      record.append(0xF8 | UInt8(truncatingIfNeeded: parsed.bitDepthLuma - 8))
      record.append(0xF8 | UInt8(truncatingIfNeeded: parsed.bitDepthChroma - 8))
      record.append(0)
    }
    return record
  }

  /// The same sets as a track has them.
  public var parameters: CodecParameters { .h264(sps: sps, pps: pps) }
}
