/// What we need of an H.265 sequence parameter set (ITU-T H.265 §7.3.2.2, Annex E).
public struct H265SPS: Hashable, Sendable {
  /// sps_seq_parameter_set_id, 0…15: picture parameter sets refer to it.
  public var id: Int
  /// general_profile_space; 0 in every stream that we know.
  public var profileSpace: UInt8
  /// general_tier_flag: High tier instead of Main.
  public var isHighTier: Bool
  /// general_profile_idc (Annex A.3); ``ProfileLevel`` has the name.
  public var profileIDC: UInt8
  /// general_profile_compatibility_flag[0] is the highest bit.
  public var profileCompatibilityFlags: UInt32
  /// The 48 bits of general constraint flags.
  public var constraintFlags: UInt64
  /// Thirty times the level.
  public var levelIDC: UInt8
  /// sps_max_sub_layers_minus1 + 1: 1…7.
  public var temporalLayers: Int
  /// sps_temporal_id_nesting_flag, which hvcC repeats.
  public var isTemporalIDNested: Bool
  /// chroma_format_idc: 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4.
  public var chromaFormatIDC: Int
  /// Bits a luma sample, 8…16.
  public var bitDepthLuma: Int
  /// Bits a chroma sample, 8…16.
  public var bitDepthChroma: Int
  /// Luma samples after the conformance window.
  public var width: Int
  /// Luma rows after the conformance window.
  public var height: Int
  /// Frames a second × 1000 from the VUI's timing; nil when it has none.
  public var frameRateMilli: Int?
  /// sps_max_num_reorder_pics of the highest temporal layer.
  public var reorderPictures: Int
  /// sps_max_dec_pic_buffering of the highest temporal layer, in pictures.
  public var decodedPictureBuffer: Int
  /// min_spatial_segmentation_idc of the VUI; 0 when it has none.
  public var minimumSpatialSegmentation: Int

  /// Parses a NAL unit of type 33, without prefix; nil when it is none, is cut short or has impossible values.
  public init?(nal: [UInt8]) {
    guard let header = nal.first, H265NALType(header: header) == .sequenceParameterSet else { return nil }
    var reader = BitReader(nal: nal, headerLength: 2)
    reader.skip(4)
    let subLayers = min(6, reader.int(3))
    temporalLayers = subLayers + 1
    isTemporalIDNested = reader.bit()
    let general = H265ProfileTierLevel(&reader, subLayers: subLayers)
    profileSpace = general.profileSpace
    isHighTier = general.isHighTier
    profileIDC = general.profileIDC
    profileCompatibilityFlags = general.compatibilityFlags
    constraintFlags = general.constraintFlags
    levelIDC = general.levelIDC
    id = reader.unsigned(upTo: 15)
    chromaFormatIDC = reader.unsigned(upTo: 3)
    let isSeparate = chromaFormatIDC == 3 && reader.bit()
    width = reader.unsigned(upTo: 65_535)
    height = reader.unsigned(upTo: 65_535)
    if reader.bit() {
      let isSubsampled = !isSeparate && (chromaFormatIDC == 1 || chromaFormatIDC == 2)
      width -= (isSubsampled ? 2 : 1) * (reader.unsigned(upTo: 65_535) + reader.unsigned(upTo: 65_535))
      height -= (chromaFormatIDC == 1 ? 2 : 1) * (reader.unsigned(upTo: 65_535) + reader.unsigned(upTo: 65_535))
    }
    bitDepthLuma = 8 + reader.unsigned(upTo: 8)
    bitDepthChroma = 8 + reader.unsigned(upTo: 8)
    let countBits = reader.unsigned(upTo: 12) + 4
    decodedPictureBuffer = 1
    reorderPictures = 0
    let perLayer = reader.bit()
    for _ in 0...(perLayer ? subLayers : 0) {
      decodedPictureBuffer = reader.unsigned(upTo: 15) + 1
      reorderPictures = reader.unsigned(upTo: 15)
      _ = reader.unsigned()
    }
    guard !reader.failed, width > 0, height > 0 else { return nil }
    let vui = H265SPS.readToVUI(&reader, countBits: countBits) ? H265VUI(&reader, subLayers: subLayers) : nil
    frameRateMilli = vui?.frameRateMilli
    minimumSpatialSegmentation = vui?.minimumSpatialSegmentation ?? 0
  }

  /// Passes over what lies between the reordering figures and the VUI; false when there is no VUI.
  private static func readToVUI(_ reader: inout BitReader, countBits: Int) -> Bool {
    for _ in 0..<6 { _ = reader.unsigned() }
    if reader.bit(), reader.bit() { skipScalingLists(&reader) }
    reader.skip(2)
    if reader.bit() {
      reader.skip(8)
      _ = reader.unsigned()
      _ = reader.unsigned()
      reader.skip(1)
    }
    skipShortTermSets(&reader)
    if reader.bit() {
      let count = reader.unsigned(upTo: 32)
      reader.skip(count * (countBits + 1))
    }
    reader.skip(2)
    return reader.bit() && !reader.failed
  }

  /// scaling_list_data, §7.3.4.
  private static func skipScalingLists(_ reader: inout BitReader) {
    for size in 0..<4 {
      for _ in 0..<(size == 3 ? 2 : 6) {
        guard reader.bit() else {
          _ = reader.unsigned()
          continue
        }
        if size > 1 { _ = reader.signed() }
        for _ in 0..<min(64, 1 << (4 + size * 2)) { _ = reader.signed() }
      }
    }
  }

  /// The st_ref_pic_set list, §7.3.7.
  private static func skipShortTermSets(_ reader: inout BitReader) {
    let count = reader.unsigned(upTo: 64)
    var pictures = 0
    for index in 0..<count where !reader.failed {
      if index > 0, reader.bit() {
        reader.skip(1)
        _ = reader.unsigned()
        var kept = 0
        for _ in 0...pictures {
          let isUsed = reader.bit()
          if isUsed || reader.bit() { kept += 1 }
        }
        pictures = min(32, kept)
      } else {
        let negative = reader.unsigned(upTo: 16)
        pictures = negative + reader.unsigned(upTo: 16)
        for _ in 0..<pictures {
          _ = reader.unsigned()
          reader.skip(1)
        }
      }
    }
  }
}
