/// Reads bits, highest first, and Exp-Golomb codes (ITU-T H.264 §9.1). Past the end, and at a value out of its bounds, it gives zero and
/// remembers ``failed``: parsers read on and look once at the end, and every loop is bounded by a checked count.
struct BitReader {
  private let bytes: [UInt8]
  private var position = 0
  private(set) var failed = false

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The payload of a NAL unit: `headerLength` bytes left out and emulation prevention removed (H.264 §7.3.1, H.265 §7.3.1.1).
  init(nal: [UInt8], headerLength: Int) {
    var payload: [UInt8] = []
    payload.reserveCapacity(nal.count)
    var zeros = 0
    for byte in nal.dropFirst(headerLength) {
      if zeros >= 2, byte == 3 {
        zeros = 0
        continue
      }
      zeros = byte == 0 ? zeros &+ 1 : 0
      payload.append(byte)
    }
    self.init(payload)
  }

  var bitsLeft: Int { bytes.count &* 8 &- position }

  mutating func bit() -> Bool { bits(1) == 1 }

  /// - Parameter count: 0…32.
  mutating func bits(_ count: Int) -> UInt32 {
    guard count <= bitsLeft else {
      failed = true
      position = bytes.count &* 8
      return 0
    }
    var value: UInt32 = 0
    for _ in 0..<max(0, count) {
      value = value << 1 | UInt32(bytes[position >> 3] >> UInt8(7 &- position & 7) & 1)
      position &+= 1
    }
    return value
  }

  mutating func int(_ count: Int) -> Int { Int(bits(count)) }

  mutating func skip(_ count: Int) {
    guard count <= bitsLeft else {
      failed = true
      position = bytes.count &* 8
      return
    }
    position &+= max(0, count)
  }

  /// ue(v) up to `most`.
  mutating func unsigned(upTo most: Int = Int(UInt32.max)) -> Int {
    var zeros = 0
    while !failed, !bit() {
      zeros &+= 1
      if zeros == 32 { failed = true }
    }
    guard !failed else { return 0 }
    let value = Int(bits(zeros)) &+ (1 << zeros) &- 1
    guard value <= most else {
      failed = true
      return 0
    }
    return value
  }

  /// se(v).
  mutating func signed() -> Int {
    let value = unsigned()
    return value & 1 == 1 ? value / 2 &+ 1 : -(value / 2)
  }
}
