/// First in, first out, without moving the rest at each step.
struct NoteQueue {
  private var notes: [UnitNote] = []
  private var head = 0

  var first: UnitNote? { head < notes.count ? notes[head] : nil }

  mutating func append(_ note: UnitNote) { notes.append(note) }

  mutating func popFirst() -> UnitNote? {
    guard head < notes.count else { return nil }
    defer {
      head += 1
      if head == notes.count {
        notes.removeAll(keepingCapacity: true)
        head = 0
      } else if head >= 512 {
        notes.removeFirst(head)
        head = 0
      }
    }
    return notes[head]
  }
}
