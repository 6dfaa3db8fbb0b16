/// Walks NAL units behind lengths of 1, 2, 3 or 4 bytes, as FLV carries them (`lengthSizeMinusOne` of avcC and hvcC), without copying.
struct LengthPrefixedWalk {
  private let bytes: UnsafeRawBufferPointer
  private let lengthSize: Int
  private var at = 0

  /// An empty NAL unit was passed over; some decoders refuse them.
  private(set) var hasEmpty = false
  /// A length ran past the end.
  private(set) var isCut = false
  /// First byte of the NAL unit that was cut; nil when not even that is there.
  private(set) var cutHeader: UInt8?

  init(_ bytes: UnsafeRawBufferPointer, lengthSize: Int) {
    self.bytes = bytes
    self.lengthSize = max(1, min(4, lengthSize))
  }

  /// The next whole NAL unit; nil at the end or at one that is cut.
  @inline(__always)
  mutating func next() -> UnsafeRawBufferPointer? {
    while at < bytes.count, !isCut {
      guard bytes.count &- at >= lengthSize else {
        isCut = true
        return nil
      }
      let length = length()
      let start = at &+ lengthSize
      guard length <= bytes.count &- start else {
        isCut = true
        if start < bytes.count { cutHeader = bytes[start] }
        return nil
      }
      at = start &+ length
      if length > 0 { return UnsafeRawBufferPointer(rebasing: bytes[start..<at]) }
      hasEmpty = true
    }
    return nil
  }

  private func length() -> Int {
    if lengthSize == 4 { return Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self))) }
    var length = 0
    for byte in 0..<lengthSize { length = length << 8 | Int(bytes[at &+ byte]) }
    return length
  }
}
