/// LEB128 and zigzag, as sample files write integers (docs/samples.md).
enum VariableInteger {
  /// Seven bits a byte, lowest first, the top bit set on all but the last; at most ten bytes.
  @inline(__always)
  static func append(_ value: UInt64, to bytes: inout [UInt8]) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// 0, −1, 1, −2 … as 0, 1, 2, 3 …
  @inline(__always)
  static func append(signed value: Int64, to bytes: inout [UInt8]) {
    append(UInt64(bitPattern: (value &<< 1) ^ (value &>> 63)), to: &bytes)
  }
}

/// Reads what ``VariableInteger`` wrote, from any bytes without a trap.
struct ByteCursor {
  let bytes: [UInt8]
  var at: Int
  let end: Int

  init(_ bytes: [UInt8], from start: Int = 0, to end: Int? = nil) {
    self.bytes = bytes
    self.end = min(bytes.count, max(0, end ?? bytes.count))
    at = min(max(0, start), self.end)
  }

  var isAtEnd: Bool { at >= end }

  mutating func byte() -> UInt8? {
    guard at < end else { return nil }
    defer { at += 1 }
    return bytes[at]
  }

  /// Nil at the end of the bytes, or when the value does not fit in 64 bits.
  mutating func unsigned() -> UInt64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while let byte = byte() {
      let bits = UInt64(byte & 0x7F)
      guard shift < 63 || (shift == 63 && bits <= 1) else { return nil }
      value |= bits &<< shift
      if byte < 0x80 { return value }
      shift += 7
    }
    return nil
  }

  mutating func signed() -> Int64? {
    guard let value = unsigned() else { return nil }
    return Int64(bitPattern: value &>> 1) ^ -Int64(bitPattern: value & 1)
  }
}
