/// NAL unit types of H.264 (ITU-T H.264 Table 7-1) and of its RTP payload (RFC 6184 Table 1).
public struct H264NALType: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt8
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// From the NAL unit's first byte.
  @inlinable public init(header: UInt8) { rawValue = header & 0x1F }

  /// A slice of a picture that is no IDR picture.
  public static let slice = H264NALType(rawValue: 1)
  /// A slice of a picture from which decoding can start.
  public static let idrSlice = H264NALType(rawValue: 5)
  /// SEI: captions, time codes, encoder settings.
  public static let supplementalEnhancement = H264NALType(rawValue: 6)
  /// SPS: profile, size, reordering; see ``H264SPS``.
  public static let sequenceParameterSet = H264NALType(rawValue: 7)
  /// PPS: what slices refer to by its id.
  public static let pictureParameterSet = H264NALType(rawValue: 8)
  /// Marks a unit's beginning; encoders may leave it out.
  public static let accessUnitDelimiter = H264NALType(rawValue: 9)
  /// RTP's STAP-A: several NAL units in one packet (RFC 6184 §5.7.1).
  public static let singleTimeAggregation = H264NALType(rawValue: 24)
  /// RTP's FU-A: a piece of a NAL unit (RFC 6184 §5.8).
  public static let fragmentation = H264NALType(rawValue: 28)

  /// Coded slices: types 1…5.
  @inlinable public var isVCL: Bool { rawValue &- 1 < 5 }
  /// Slices that begin with first_mb_in_slice: data partitions B and C do not.
  @inlinable public var beginsWithFirstMacroblock: Bool { rawValue == 1 || rawValue == 2 || rawValue == 5 }
  /// Types that come before the slices of a picture, so that behind a slice they begin the next unit (§7.4.1.2.3).
  @inlinable public var startsUnit: Bool { (6...9).contains(rawValue) || (14...18).contains(rawValue) }
  /// Types that may stand for themselves in an RTP payload.
  @inlinable public var isSingle: Bool { rawValue &- 1 < 23 }
}
