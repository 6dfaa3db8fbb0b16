/// A 64-bit check of spool records: a half-written or left-over record does not pass it. Not a signature; four independent sums keep it near memory speed,
/// where a table CRC would cost as much as the hash of the segment.
enum SpoolCheck {
  private static let prime: UInt64 = 0x9E37_79B9_7F4A_7C15

  static func compute(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
    var a = seed ^ prime
    var b = seed &+ 0x165667B1_9E3779F9
    var c = ~seed
    var d = seed &* prime
    var at = 0
    let count = bytes.count
    while count &- at >= 32 {
      a = mix(a, bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
      b = mix(b, bytes.loadUnaligned(fromByteOffset: at &+ 8, as: UInt64.self))
      c = mix(c, bytes.loadUnaligned(fromByteOffset: at &+ 16, as: UInt64.self))
      d = mix(d, bytes.loadUnaligned(fromByteOffset: at &+ 24, as: UInt64.self))
      at &+= 32
    }
    while count &- at >= 8 {
      a = mix(a, bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
      at &+= 8
    }
    while at < count {
      b = mix(b, UInt64(bytes[at]))
      at &+= 1
    }
    return mix(mix(mix(a, b), c), d ^ UInt64(truncatingIfNeeded: count))
  }

  @inline(__always)
  private static func mix(_ state: UInt64, _ word: UInt64) -> UInt64 {
    let product = (state ^ word) &* prime
    return product ^ (product >> 29)
  }
}
