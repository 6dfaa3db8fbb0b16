public import Model
internal import NIOCore

/// Calls `body` with the bytes of each VCL NAL unit of a video unit, header included, prefix excluded, in order: what the VCL hash is over
/// (measurement.md §4). H.264 types 1…5, H.265 types 0…31. Nothing for audio.
public func forEachVCLBytes(_ unit: AccessUnit, codec: Codec, _ body: (UnsafeRawBufferPointer) -> Void) {
  guard codec.isVideo else { return }
  unit.payload.withUnsafeReadableBytes { bytes in
    var cursor = NALCursor(bytes)
    while let nal = cursor.next() {
      let header = nal[0]
      if codec == .h264 ? H264NALType(header: header).isVCL : H265NALType(header: header).isVCL { body(nal) }
    }
  }
}
