/// Element ids of Matroska (RFC 9559 §5) that we read or write.
public enum Matroska {
  public static let ebml: UInt32 = 0x1A45_DFA3
  public static let segment: UInt32 = 0x1853_8067
  public static let tracks: UInt32 = 0x1654_AE6B
  public static let trackEntry: UInt32 = 0xAE
  public static let trackNumber: UInt32 = 0xD7
  public static let trackType: UInt32 = 0x83
  public static let codecPrivate: UInt32 = 0x63A2
  public static let codecDelay: UInt32 = 0x56AA
  public static let cluster: UInt32 = 0x1F43_B675
  public static let timestamp: UInt32 = 0xE7
  public static let simpleBlock: UInt32 = 0xA3
  public static let blockGroup: UInt32 = 0xA0
  public static let block: UInt32 = 0xA1
}
