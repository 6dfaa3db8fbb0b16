/// What we need of an H.264 sequence parameter set (ITU-T H.264 §7.3.2.1, Annex E).
public struct H264SPS: Hashable, Sendable {
  /// seq_parameter_set_id, 0…31: picture parameter sets refer to it.
  public var id: Int
  /// profile_idc (Annex A.2); ``ProfileLevel`` has the name.
  public var profileIDC: UInt8
  /// constraint_set0_flag is the highest bit.
  public var constraintFlags: UInt8
  /// Ten times the level; 9 or, with constraint_set3_flag, 11 for level 1b.
  public var levelIDC: UInt8
  /// chroma_format_idc: 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4.
  public var chromaFormatIDC: Int
  /// Bits a luma sample, 8…14.
  public var bitDepthLuma: Int
  /// Bits a chroma sample, 8…14.
  public var bitDepthChroma: Int
  /// pic_order_cnt_type, 0…2; with 2, output order is decoding order.
  public var pictureOrderCountType: Int
  /// max_num_ref_frames, 0…16.
  public var referenceFrames: Int
  /// frame_mbs_only_flag: false for streams that may be interlaced.
  public var isFrameOnly: Bool
  /// Luma samples after cropping.
  public var width: Int
  /// Luma rows after cropping.
  public var height: Int
  /// Frames a second × 1000 from the VUI's timing; nil when it has none.
  public var frameRateMilli: Int?
  /// How many frames may precede one in decode order and follow it in output order: said by the VUI, or certain from profile or picture
  /// order count type; nil when nothing says it.
  public var reorderFrames: Int?
  /// The most that ``reorderFrames`` can be by profile, level and size.
  public var maximumReorderFrames: Int

  /// Parses a NAL unit of type 7, without prefix; nil when it is none, is cut short or has impossible values.
  public init?(nal: [UInt8]) {
    guard let header = nal.first, H264NALType(header: header) == .sequenceParameterSet else { return nil }
    var reader = BitReader(nal: nal, headerLength: 1)
    profileIDC = UInt8(truncatingIfNeeded: reader.bits(8))
    constraintFlags = UInt8(truncatingIfNeeded: reader.bits(8))
    levelIDC = UInt8(truncatingIfNeeded: reader.bits(8))
    id = reader.unsigned(upTo: 31)
    let format = H264SPS.readFormat(&reader, profile: profileIDC)
    chromaFormatIDC = format.chroma
    bitDepthLuma = format.luma
    bitDepthChroma = format.chromaDepth
    _ = reader.unsigned(upTo: 12)
    pictureOrderCountType = H264SPS.readPictureOrderCount(&reader)
    referenceFrames = reader.unsigned(upTo: 16)
    reader.skip(1)
    let columns = reader.unsigned(upTo: 4095) + 1
    let rows = reader.unsigned(upTo: 4095) + 1
    isFrameOnly = reader.bit()
    if !isFrameOnly { reader.skip(1) }
    reader.skip(1)
    let fieldFactor = isFrameOnly ? 1 : 2
    width = columns * 16
    height = rows * 16 * fieldFactor
    if reader.bit() {
      let unitX = format.arrayType == 1 || format.arrayType == 2 ? 2 : 1
      let unitY = (format.arrayType == 1 ? 2 : 1) * fieldFactor
      width -= unitX * (reader.unsigned(upTo: 65_535) + reader.unsigned(upTo: 65_535))
      height -= unitY * (reader.unsigned(upTo: 65_535) + reader.unsigned(upTo: 65_535))
    }
    let hasVUI = reader.bit()
    guard !reader.failed, width > 0, height > 0 else { return nil }
    let vui = hasVUI ? H264VUI(&reader) : nil
    frameRateMilli = vui?.frameRateMilli
    reorderFrames = nil
    maximumReorderFrames = 0
    boundReordering(vui, frameMacroblocks: columns * rows * fieldFactor)
  }

  private mutating func boundReordering(_ vui: H264VUI?, frameMacroblocks: Int) {
    let isIntraOnly = constraintFlags & 0x10 != 0 && [44, 86, 100, 110, 122, 244].contains(profileIDC)
    if let restriction = vui?.restriction {
      reorderFrames = restriction.reorderFrames
      maximumReorderFrames = restriction.reorderFrames
    } else if profileIDC == 66 || pictureOrderCountType == 2 || isIntraOnly {
      // No B slices in Baseline (§A.2.1), output order is decode order with type 2 (§8.2.1.3), no reordering in the Intra profiles (§E.2.1).
      reorderFrames = 0
    } else {
      maximumReorderFrames = min(16, macroblocksOfBuffer / max(1, frameMacroblocks))
    }
  }

  /// MaxDpbMbs, Table A-1.
  private var macroblocksOfBuffer: Int {
    switch levelIDC {
    case 9, 10: 396
    case 11: constraintFlags & 0x10 != 0 && [66, 77, 88].contains(profileIDC) ? 396 : 900
    case 12, 13, 20: 2376
    case 21: 4752
    case 22, 30: 8100
    case 31: 18_000
    case 32: 20_480
    case 40, 41: 32_768
    case 42: 34_816
    case 50: 110_400
    case 51, 52: 184_320
    default: 696_320
    }
  }

  private static func readFormat(
    _ reader: inout BitReader, profile: UInt8
  ) -> (chroma: Int, arrayType: Int, luma: Int, chromaDepth: Int) {
    guard [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135].contains(profile) else { return (1, 1, 8, 8) }
    let chroma = reader.unsigned(upTo: 3)
    let isSeparate = chroma == 3 && reader.bit()
    let luma = 8 + reader.unsigned(upTo: 6)
    let chromaDepth = 8 + reader.unsigned(upTo: 6)
    reader.skip(1)
    if reader.bit() {
      for list in 0..<(chroma == 3 ? 12 : 8) where reader.bit() { skipScalingList(&reader, size: list < 6 ? 16 : 64) }
    }
    return (chroma, isSeparate ? 0 : chroma, luma, chromaDepth)
  }

  private static func skipScalingList(_ reader: inout BitReader, size: Int) {
    var last = 8
    var next = 8
    for _ in 0..<size {
      if next != 0 { next = (last &+ reader.signed()) & 0xFF }
      if next != 0 { last = next }
    }
  }

  private static func readPictureOrderCount(_ reader: inout BitReader) -> Int {
    let type = reader.unsigned(upTo: 2)
    if type == 0 { _ = reader.unsigned(upTo: 12) }
    if type == 1 {
      reader.skip(1)
      _ = reader.signed()
      _ = reader.signed()
      let count = reader.unsigned(upTo: 255)
      for _ in 0..<count { _ = reader.signed() }
    }
    return type
  }
}
