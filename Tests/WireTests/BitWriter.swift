/// Writes what BitReader reads: for parameter sets that no encoder at hand makes.
struct BitWriter {
  private(set) var bytes: [UInt8] = []
  private var free = 0

  mutating func put(_ value: UInt32, _ count: Int) {
    for shift in stride(from: count - 1, through: 0, by: -1) {
      if free == 0 {
        bytes.append(0)
        free = 8
      }
      free -= 1
      bytes[bytes.count - 1] |= UInt8(value >> UInt32(shift) & 1) << UInt8(free)
    }
  }

  mutating func putUnsigned(_ value: UInt32) {
    let width = 32 - (value + 1).leadingZeroBitCount
    put(0, width - 1)
    put(value + 1, width)
  }
}
