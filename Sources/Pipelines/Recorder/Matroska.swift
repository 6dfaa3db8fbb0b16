/// Element ids of Matroska (RFC 9559 §5) that we read or write.
public enum Matroska {
  /// The document's head: that it is EBML, and which document type.
  public static let ebml: UInt32 = 0x1A45_DFA3
  /// Everything after the head.
  public static let segment: UInt32 = 0x1853_8067
  /// All track entries.
  public static let tracks: UInt32 = 0x1654_AE6B
  /// One track.
  public static let trackEntry: UInt32 = 0xAE
  /// The number by which blocks name a track.
  public static let trackNumber: UInt32 = 0xD7
  /// 1 for video, 2 for audio.
  public static let trackType: UInt32 = 0x83
  /// The codec's name, e.g. `V_MPEG4/ISO/AVC`.
  public static let codecID: UInt32 = 0x86
  /// The codec's own header: `avcC`, `hvcC`, AudioSpecificConfig, `OpusHead`.
  public static let codecPrivate: UInt32 = 0x63A2
  /// Nanoseconds that every timestamp of the track carries on top.
  public static let codecDelay: UInt32 = 0x56AA
  /// A run of blocks with a common time.
  public static let cluster: UInt32 = 0x1F43_B675
  /// The cluster's time in ticks of 1 ms.
  public static let timestamp: UInt32 = 0xE7
  /// One frame of one track, with its flags.
  public static let simpleBlock: UInt32 = 0xA3
  /// A block with what is said of it.
  public static let blockGroup: UInt32 = 0xA0
  /// One frame of one track inside a group.
  public static let block: UInt32 = 0xA1
}
