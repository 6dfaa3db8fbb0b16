/// NAL unit types of H.265 (ITU-T H.265 Table 7-1) and of its RTP payload (RFC 7798 §4.4).
public struct H265NALType: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt8
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// From the NAL unit's first byte.
  @inlinable public init(header: UInt8) { rawValue = header >> 1 & 0x3F }

  public static let cleanRandomAccess = H265NALType(rawValue: 21)
  public static let videoParameterSet = H265NALType(rawValue: 32)
  public static let sequenceParameterSet = H265NALType(rawValue: 33)
  public static let pictureParameterSet = H265NALType(rawValue: 34)
  public static let accessUnitDelimiter = H265NALType(rawValue: 35)
  public static let aggregation = H265NALType(rawValue: 48)
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
