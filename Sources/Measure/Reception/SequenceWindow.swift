/// Which of the last 1024 extended sequence numbers were seen: 128 bytes, no allocation.
struct SequenceWindow: Sendable {
  static let reach: Int64 = 1024
  private var words = InlineArray<16, UInt64>(repeating: 0)

  private static func place(_ extended: Int64) -> (word: Int, bit: UInt64) {
    let slot = Int(truncatingIfNeeded: extended & 1023)
    return (slot >> 6, 1 << UInt64(slot & 63))
  }

  func contains(_ extended: Int64) -> Bool {
    let (word, bit) = SequenceWindow.place(extended)
    return words[word] & bit != 0
  }

  mutating func insert(_ extended: Int64) {
    let (word, bit) = SequenceWindow.place(extended)
    words[word] |= bit
  }

  mutating func remove(_ extended: Int64) {
    let (word, bit) = SequenceWindow.place(extended)
    words[word] &= ~bit
  }

  mutating func removeAll() { words = InlineArray<16, UInt64>(repeating: 0) }
}
