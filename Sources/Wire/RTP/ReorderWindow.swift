internal import Model

/// Packets that came before one that is still missing. Only out-of-order packets are ever copied into it.
struct ReorderWindow: Sendable {
  static let maximumPackets = 64
  /// How long a packet waits for those before it, in arrival time.
  static let patience = Nanoseconds(50_000_000)

  struct Held: Sendable {
    var header: RTPHeader
    /// Payload only.
    var bytes: [UInt8]
    var arrival: BootTime
    var unitID: (epoch: UInt64, number: UInt64)?
  }

  /// In sequence order.
  private var held: [Held] = []
  private var oldest = BootTime(nanoseconds: .max)

  var isEmpty: Bool { held.isEmpty }
  /// Sequence number of the first that waits.
  var next: UInt16? { held.first?.header.sequenceNumber }

  func contains(timestamp: UInt32) -> Bool { held.contains { $0.header.timestamp == timestamp } }

  /// Whether waiting is over.
  func isDue(at now: BootTime) -> Bool {
    !held.isEmpty && (held.count > ReorderWindow.maximumPackets || now - oldest >= ReorderWindow.patience)
  }

  /// False, and nothing kept, when one with this sequence number waits already.
  mutating func insert(_ packet: Held) -> Bool {
    var index = held.endIndex
    while index > 0 {
      let step = Int16(bitPattern: packet.header.sequenceNumber &- held[index &- 1].header.sequenceNumber)
      if step == 0 { return false }
      if step > 0 { break }
      index &-= 1
    }
    held.insert(packet, at: index)
    oldest = min(oldest, packet.arrival)
    return true
  }

  mutating func removeFirst() -> Held? {
    guard !held.isEmpty else { return nil }
    let first = held.removeFirst()
    oldest = held.reduce(BootTime(nanoseconds: .max)) { min($0, $1.arrival) }
    return first
  }
}
