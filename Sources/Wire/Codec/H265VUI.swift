/// The part of H.265's video usability information that we read (ITU-T H.265 §E.2.1).
struct H265VUI {
  var frameRateMilli: Int?
  var minimumSpatialSegmentation = 0

  /// Nil when it is cut short or has impossible values.
  init?(_ reader: inout BitReader, subLayers: Int) {
    if reader.bit(), reader.bits(8) == 255 { reader.skip(32) }
    if reader.bit() { reader.skip(1) }
    if reader.bit() {
      reader.skip(4)
      if reader.bit() { reader.skip(24) }
    }
    if reader.bit() {
      _ = reader.unsigned()
      _ = reader.unsigned()
    }
    reader.skip(3)
    if reader.bit() { for _ in 0..<4 { _ = reader.unsigned() } }
    if reader.bit() {
      let unitsInTick = reader.int(32)
      frameRateMilli = FrameRate.milli(reader.int(32), per: unitsInTick)
      if reader.bit() { _ = reader.unsigned() }
      if reader.bit() { H265VUI.skipBuffering(&reader, subLayers: subLayers) }
    }
    if reader.bit() {
      reader.skip(3)
      minimumSpatialSegmentation = reader.unsigned(upTo: 4095)
      for _ in 0..<4 { _ = reader.unsigned() }
    }
    if reader.failed { return nil }
  }

  /// hrd_parameters with the common part, §E.2.2.
  private static func skipBuffering(_ reader: inout BitReader, subLayers: Int) {
    let forNAL = reader.bit()
    let forVCL = reader.bit()
    var perSubPicture = false
    if forNAL || forVCL {
      perSubPicture = reader.bit()
      if perSubPicture { reader.skip(19) }
      reader.skip(8)
      if perSubPicture { reader.skip(4) }
      reader.skip(15)
    }
    for _ in 0...subLayers {
      let isFixedGeneral = reader.bit()
      let isFixedWithin = isFixedGeneral || reader.bit()
      var isLowDelay = false
      if isFixedWithin { _ = reader.unsigned() } else { isLowDelay = reader.bit() }
      let buffers = isLowDelay ? 1 : reader.unsigned(upTo: 31) + 1
      for _ in 0..<buffers * ((forNAL ? 1 : 0) + (forVCL ? 1 : 0)) {
        for _ in 0..<(perSubPicture ? 4 : 2) { _ = reader.unsigned() }
        reader.skip(1)
      }
    }
  }
}
