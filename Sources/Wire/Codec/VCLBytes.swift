public import Model

/// Calls `body` with the bytes of each VCL NAL unit of a video unit, header included, prefix excluded, in order: what the VCL hash is over
/// (measurement.md §4). H.264 types 1…5, H.265 types 0…31. Nothing for audio.
public func forEachVCLBytes(_ unit: AccessUnit, codec: Codec, _ body: (UnsafeRawBufferPointer) -> Void) {}
