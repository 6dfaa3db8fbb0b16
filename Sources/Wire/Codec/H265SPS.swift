/// What the house needs of an H.265 sequence parameter set (ITU-T H.265 §7.3.2.2, Annex E).
public struct H265SPS: Hashable, Sendable {
  public var id: Int
  public var profileSpace: UInt8
  public var isHighTier: Bool
  public var profileIDC: UInt8
  public var profileCompatibilityFlags: UInt32
  /// The 48 bits of general constraint flags.
  public var constraintFlags: UInt64
  /// Thirty times the level.
  public var levelIDC: UInt8
  public var temporalLayers: Int
  public var isTemporalIDNested: Bool
  public var chromaFormatIDC: Int
  public var bitDepthLuma: Int
  public var bitDepthChroma: Int
  /// Luma samples after the conformance window.
  public var width: Int
  public var height: Int
  /// Frames a second × 1000 from the VUI's timing; nil when it is not told.
  public var frameRateMilli: Int?
  /// sps_max_num_reorder_pics of the highest temporal layer.
  public var reorderPictures: Int
  /// sps_max_dec_pic_buffering of the highest temporal layer, in pictures.
  public var decodedPictureBuffer: Int
  /// min_spatial_segmentation_idc of the VUI; 0 when it is not told.
  public var minimumSpatialSegmentation: Int

  /// Parses a NAL unit of type 33, without prefix; nil when it is none, is cut short or tells impossible values.
  public init?(nal: [UInt8]) { return nil }
}
