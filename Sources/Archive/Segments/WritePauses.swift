internal import Model

/// Since when a stream's units are not written, and why: the gap that the next segment's record is followed by.
struct WritePauses {
  struct Pause: Equatable {
    /// Arrival of the last unit that was written.
    var from: BootTime
    var cause: ArchiveGap.Cause
    var event: ArchiveGap.Event
  }

  struct Ended: Equatable {
    var pause: Pause
    var to: BootTime
  }

  /// Set while nothing is written although units come.
  private(set) var current: Pause?
  private var ended: [Ended] = []
  private var lastArrival: BootTime?

  /// Units up to this arrival are on the disk.
  mutating func wrote(upTo arrival: BootTime) { lastArrival = max(lastArrival ?? arrival, arrival) }

  /// Nothing is written from the last unit on; a pause that lasts already keeps its cause.
  /// - Parameter first: arrival of the unit that was refused: where nothing was written yet, the pause begins there.
  mutating func begin(_ cause: ArchiveGap.Cause, _ event: ArchiveGap.Event, first: BootTime? = nil) {
    if current == nil, let from = lastArrival ?? first { current = Pause(from: from, cause: cause, event: event) }
  }

  /// A segment holds units again.
  mutating func end() { current = nil }

  /// The segment that was to end a pause stayed empty.
  mutating func goOn(_ pause: Pause?) { current = current ?? pause }

  /// The stream has ended: a pause that lasts is one that no segment follows.
  mutating func streamEnded(at last: BootTime) {
    if let current, current.from < last { ended.append(Ended(pause: current, to: last)) }
    current = nil
    lastArrival = nil
  }

  /// The pauses that no segment followed, since the last call.
  mutating func drainEnded() -> [Ended] {
    defer { ended = [] }
    return ended
  }
}
