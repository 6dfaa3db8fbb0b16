/// The part of H.264's video usability information that we read (ITU-T H.264 §E.1.1).
struct H264VUI {
  var frameRateMilli: Int?
  /// max_num_reorder_frames and max_dec_frame_buffering.
  var restriction: (reorderFrames: Int, decodedFrames: Int)?

  /// Nil when it is cut short or has impossible values: some cameras write a broken one behind a good SPS.
  init?(_ reader: inout BitReader) {
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
    if reader.bit() {
      let unitsInTick = reader.int(32)
      let timeScale = reader.int(32)
      reader.skip(1)
      // A tick is a field: two make a frame.
      frameRateMilli = FrameRate.milli(timeScale, per: unitsInTick &* 2)
    }
    let hasNALBuffering = reader.bit()
    if hasNALBuffering { H264VUI.skipBuffering(&reader) }
    let hasVCLBuffering = reader.bit()
    if hasVCLBuffering { H264VUI.skipBuffering(&reader) }
    if hasNALBuffering || hasVCLBuffering { reader.skip(1) }
    reader.skip(1)
    if reader.bit() {
      reader.skip(1)
      for _ in 0..<4 { _ = reader.unsigned() }
      let reorder = reader.unsigned(upTo: 16)
      restriction = (reorder, reader.unsigned(upTo: 16))
    }
    if reader.failed { return nil }
  }

  /// hrd_parameters, §E.1.2.
  private static func skipBuffering(_ reader: inout BitReader) {
    let count = reader.unsigned(upTo: 31) + 1
    reader.skip(8)
    for _ in 0..<count {
      _ = reader.unsigned()
      _ = reader.unsigned()
      reader.skip(1)
    }
    reader.skip(20)
  }
}
