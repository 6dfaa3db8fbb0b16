/// The at most eight bytes that FLV puts before a coded picture or audio frame, held without an allocation.
public struct FLVTagHead: Hashable, Sendable {
  /// The bytes, the first one uppermost.
  private(set) var bits: UInt64 = 0
  /// Bytes of the head.
  public private(set) var count = 0

  public init() {}

  mutating func append(_ byte: UInt8) {
    guard count < 8 else { return }
    bits |= UInt64(byte) << (56 - 8 * UInt64(count))
    count += 1
  }

  /// The low 24 bits, big-endian: FLV's SI24 and UI24.
  mutating func append24(_ value: Int32) {
    append(UInt8(truncatingIfNeeded: value >> 16))
    append(UInt8(truncatingIfNeeded: value >> 8))
    append(UInt8(truncatingIfNeeded: value))
  }

  mutating func append(_ code: FourCC) {
    for shift in [24, 16, 8, 0] as [UInt32] { append(UInt8(truncatingIfNeeded: code.rawValue >> shift)) }
  }
}
