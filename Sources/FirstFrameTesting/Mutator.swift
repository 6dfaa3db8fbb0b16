/// Mutates real samples for parser tests: flips, cuts, repeats, splices and extreme integers. The same seed gives the same mutants on every machine.
public struct Mutator: RandomNumberGenerator {
  private var state: UInt64

  /// - Parameter seed: any; near ones give unrelated mutants.
  public init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  /// SplitMix64.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// One mutant of `sample`, with one to four mutations; `other` lends bytes for splices.
  public mutating func mutate(_ sample: [UInt8], with other: [UInt8] = []) -> [UInt8] {
    var bytes = sample
    for _ in 0..<Int.random(in: 1...4, using: &self) { mutateOnce(&bytes, other) }
    return bytes
  }

  private mutating func mutateOnce(_ bytes: inout [UInt8], _ other: [UInt8]) {
    guard !bytes.isEmpty else {
      bytes.append(UInt8.random(in: 0...255, using: &self))
      return
    }
    let at = Int.random(in: 0..<bytes.count, using: &self)
    switch Int.random(in: 0..<8, using: &self) {
    case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &self)
    case 1: bytes[at] = UInt8.random(in: 0...255, using: &self)
    case 2: bytes.removeSubrange(at...)
    case 3: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...16, using: &self)))
    case 4: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + Int.random(in: 1...64, using: &self))], at: at)
    case 5:
      let extremes: [UInt8] = [0, 0xFF, 0x7F, 0x80]
      let value = extremes[Int.random(in: 0..<4, using: &self)]
      for index in at..<min(bytes.count, at + Int.random(in: 1...4, using: &self)) { bytes[index] = value }
    case 6 where !other.isEmpty:
      let from = Int.random(in: 0..<other.count, using: &self)
      bytes.insert(contentsOf: other[from..<min(other.count, from + Int.random(in: 1...64, using: &self))], at: at)
    default: bytes.insert(UInt8.random(in: 0...255, using: &self), at: at)
    }
  }
}
