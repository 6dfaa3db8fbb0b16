internal import Hub
internal import Model

/// What the packets of one read ask for that must not go on as it came, of all tracks.
struct PacketRepairs: Sendable {
  private static let mostClocks = 64

  /// Where each packet's frame begins, in bytes of packets since the publication's start. In order, but for what was moved.
  private var edits: [(position: Int64, change: PacketEdit.Change)] = []
  /// Since the last call of ``removeClocks()``, the first of them where they are many.
  private(set) var clocks: [ClockRepair] = []
  /// Of the whole publication.
  private(set) var clockCount: UInt64 = 0

  mutating func note(_ change: PacketEdit.Change, at position: Int64) { edits.append((position, change)) }

  mutating func note(_ repair: ClockRepair) {
    clockCount &+= 1
    if clocks.count < PacketRepairs.mostClocks { clocks.append(repair) }
  }

  /// Packets of this read have other places.
  mutating func moved(_ place: (Int64) -> Int64) {
    for index in edits.indices { edits[index].position = place(edits[index].position) }
    edits.sort { $0.position < $1.position }
  }

  /// - Parameter begin: where the read's packets begin.
  mutating func removeEdits(from begin: Int64) -> [PacketEdit] {
    guard !edits.isEmpty else { return [] }
    defer { edits.removeAll(keepingCapacity: true) }
    return edits.map { PacketEdit(offset: Int(truncatingIfNeeded: $0.position &- begin), change: $0.change) }
  }

  mutating func removeClocks() -> [ClockRepair] {
    guard !clocks.isEmpty else { return [] }
    defer { clocks = [] }
    return clocks
  }
}
