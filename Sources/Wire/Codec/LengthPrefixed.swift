/// NAL units with 16 bits of length before each, as `avcC` and `hvcC` hold them.
enum LengthPrefixed {
  /// Reads `count` of them and moves `at` behind; nil when they do not fit. Empty ones are left out.
  static func read(_ bytes: [UInt8], _ at: inout Int, count: Int) -> [[UInt8]]? {
    var found: [[UInt8]] = []
    for _ in 0..<count {
      guard bytes.count - at >= 2 else { return nil }
      let length = Int(bytes[at]) << 8 | Int(bytes[at + 1])
      at += 2
      guard bytes.count - at >= length else { return nil }
      if length > 0 { found.append(Array(bytes[at..<at + length])) }
      at += length
    }
    return found
  }

  /// False when one is too long.
  static func append(_ nals: [[UInt8]], to bytes: inout [UInt8]) -> Bool {
    for nal in nals {
      guard let length = UInt16(exactly: nal.count) else { return false }
      bytes.append(UInt8(truncatingIfNeeded: length >> 8))
      bytes.append(UInt8(truncatingIfNeeded: length))
      bytes.append(contentsOf: nal)
    }
    return true
  }
}
