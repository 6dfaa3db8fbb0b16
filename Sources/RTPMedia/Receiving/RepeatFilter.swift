/// Finds repeated packets of one track, so that they are counted but not forwarded: a reader over TCP decodes whatever comes as the next packet.
struct RepeatFilter {
  /// How a packet stands to those before it.
  enum Standing: Hashable {
    case next
    /// Behind a packet that was forwarded before.
    case late
    case repeated
  }

  private var highest: UInt16?
  /// Bit n: the packet n below the highest was seen.
  private var seen: UInt64 = 0

  mutating func note(_ sequenceNumber: UInt16) -> Standing {
    guard let top = highest else {
      highest = sequenceNumber
      seen = 1
      return .next
    }
    let distance = Int(Int16(bitPattern: sequenceNumber &- top))
    if distance > 0 {
      seen = distance < 64 ? seen << UInt64(distance) | 1 : 1
      highest = sequenceNumber
      return .next
    }
    // Farther back than the filter remembers: a sender that began anew, or a straggler; either is the reader's to judge.
    guard distance > -64 else {
      highest = sequenceNumber
      seen = 1
      return .next
    }
    let bit: UInt64 = 1 << UInt64(0 &- distance)
    if seen & bit != 0 { return .repeated }
    seen |= bit
    return .late
  }
}
