internal import Model

/// Which jumps of a publication's clocks become facts: the first of a track at once, the others summed and written once a minute.
struct ClockRepairLedger {
  /// What one fact says.
  struct Entry: Equatable {
    /// The newest.
    var repair: ClockRepair
    /// Since the fact before.
    var count: Int64
  }

  private struct Track {
    var written: BootTime
    var waiting: Entry?
  }

  static let interval = Nanoseconds.seconds(60)

  private var tracks: [UInt8: Track] = [:]

  /// - Returns: what is to be written at once.
  mutating func note(_ repair: ClockRepair, at now: BootTime) -> Entry? {
    guard let known = tracks[repair.track] else {
      tracks[repair.track] = Track(written: now)
      return Entry(repair: repair, count: 1)
    }
    tracks[repair.track]?.waiting = Entry(repair: repair, count: (known.waiting?.count ?? 0) &+ 1)
    return nil
  }

  /// What has waited for a minute.
  /// - Parameter isOver: nothing more comes, so that nothing waits any longer.
  mutating func removeDue(at now: BootTime, isOver: Bool = false) -> [Entry] {
    guard !tracks.isEmpty else { return [] }
    var due: [Entry] = []
    for (index, track) in tracks {
      guard let waiting = track.waiting, isOver || now - track.written >= ClockRepairLedger.interval else { continue }
      due.append(waiting)
      tracks[index] = Track(written: now)
    }
    return due
  }
}
