/// What the house needs of an H.264 sequence parameter set (ITU-T H.264 §7.3.2.1, Annex E).
public struct H264SPS: Hashable, Sendable {
  public var id: Int
  public var profileIDC: UInt8
  /// constraint_set0_flag is the highest bit.
  public var constraintFlags: UInt8
  /// Ten times the level; 9 or, with constraint_set3_flag, 11 for level 1b.
  public var levelIDC: UInt8
  public var chromaFormatIDC: Int
  public var bitDepthLuma: Int
  public var bitDepthChroma: Int
  public var pictureOrderCountType: Int
  public var referenceFrames: Int
  public var isFrameOnly: Bool
  /// Luma samples after cropping.
  public var width: Int
  public var height: Int
  /// Frames a second × 1000 from the VUI's timing; nil when it is not told.
  public var frameRateMilli: Int?
  /// How many frames may precede one in decode order and follow it in output order: told by the VUI, or certain from profile or picture
  /// order count type; nil when nothing tells it.
  public var reorderFrames: Int?
  /// The most that ``reorderFrames`` can be by profile, level and size.
  public var maximumReorderFrames: Int

  /// Parses a NAL unit of type 7, without prefix; nil when it is none, is cut short or tells impossible values.
  public init?(nal: [UInt8]) { return nil }
}
