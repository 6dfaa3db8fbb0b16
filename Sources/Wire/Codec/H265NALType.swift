/// NAL unit types of H.265 (ITU-T H.265 Table 7-1) and of its RTP payload (RFC 7798 §4.4).
public struct H265NALType: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt8
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// From the NAL unit's first byte.
  @inlinable public init(header: UInt8) { rawValue = header >> 1 & 0x3F }

  /// CRA: a picture from which decoding can start, with leading pictures that may refer to what lies before it.
  public static let cleanRandomAccess = H265NALType(rawValue: 21)
  /// VPS: layers and their relations; decoders want it, we do not read it.
  public static let videoParameterSet = H265NALType(rawValue: 32)
  /// SPS: profile, size, reordering; see ``H265SPS``.
  public static let sequenceParameterSet = H265NALType(rawValue: 33)
  /// PPS: what slices refer to by its id.
  public static let pictureParameterSet = H265NALType(rawValue: 34)
  /// Marks a unit's beginning; encoders may leave it out.
  public static let accessUnitDelimiter = H265NALType(rawValue: 35)
  /// SEI that stands before the slices.
  public static let supplementalEnhancement = H265NALType(rawValue: 39)
  /// RTP's AP: several NAL units in one packet (RFC 7798 §4.4.2).
  public static let aggregation = H265NALType(rawValue: 48)
  /// RTP's FU: a piece of a NAL unit (RFC 7798 §4.4.3).
  public static let fragmentation = H265NALType(rawValue: 49)

  /// Coded slice segments: types 0…31.
  @inlinable public var isVCL: Bool { rawValue < 32 }
  /// A picture from which decoding can start (IRAP): types 16…21.
  @inlinable public var isRandomAccess: Bool { rawValue >= 16 && rawValue <= 21 }
  /// An IRAP picture that leading pictures may follow which refer to what came before it: BLA_W_LP and CRA.
  @inlinable public var allowsSkippedLeading: Bool { rawValue == 16 || rawValue == 21 }
  /// RASL: decodable only when decoding did not start at the IRAP picture before it.
  @inlinable public var isSkippedLeading: Bool { rawValue == 8 || rawValue == 9 }
  /// Types that come before the slices of a picture, so that behind a slice they begin the next unit (§7.4.2.4.4): parameter sets, delimiter,
  /// prefix SEI and some reserved ones.
  @inlinable public var startsUnit: Bool {
    (32...35).contains(rawValue) || rawValue == 39 || (41...44).contains(rawValue) || (48...55).contains(rawValue)
  }
  /// Types that may stand for themselves in an RTP payload.
  @inlinable public var isSingle: Bool { rawValue < 48 }
}
