/// A codec's four characters as enhanced RTMP writes them.
public struct FourCC: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// H.264.
  public static let avc1 = FourCC(rawValue: 0x6176_6331)
  /// H.265.
  public static let hvc1 = FourCC(rawValue: 0x6876_6331)
  /// AAC.
  public static let mp4a = FourCC(rawValue: 0x6D70_3461)
  /// Opus.
  public static let opus = FourCC(rawValue: 0x4F70_7573)

  /// The characters, for faults.
  public var text: String {
    String(decoding: [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: rawValue >> $0) }, as: UTF8.self)
  }
}
