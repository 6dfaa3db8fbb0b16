/// Walks NAL units that have their length before them, four bytes big-endian, without copying or counting references. Ends early at a length
/// that does not fit; passes over empty ones.
struct NALCursor {
  private let bytes: UnsafeRawBufferPointer
  private var at = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  mutating func next() -> UnsafeRawBufferPointer? {
    while bytes.count &- at >= 4 {
      let length = Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
      guard length <= bytes.count &- at &- 4 else { return nil }
      let start = at &+ 4
      at = start &+ length
      if length > 0 { return UnsafeRawBufferPointer(rebasing: bytes[start..<at]) }
    }
    return nil
  }
}
