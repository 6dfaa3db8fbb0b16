internal import Model
internal import Wire

/// One track's timestamps in the order in which its packets come: what is to be added to each so that the time line goes on, whatever the sender's clock does
/// (``MediaClock``).
struct ReceivedClock: Sendable {
  /// Packets this far behind have been overtaken; beyond it the sender began to count anew (RFC 3550 §A.1).
  private static let maximumMisorder: Int16 = 1024

  private var clock: MediaClock
  /// Packets may be overtaken: by UDP.
  private let reorders: Bool
  /// The newest timestamp as it came.
  private(set) var timestamp: UInt32?
  /// What is added to it.
  private(set) var shift: UInt32 = 0
  /// What was added before, and where that ended: a sequence number, and a timestamp with its shift.
  private var earlier: (shift: UInt32, sequenceNumber: UInt16, timestamp: UInt32)?
  /// The part of it that does not come from jumps: this source followed another one.
  private(set) var sourceShift: UInt32 = 0
  /// Of the packets that moved the clock.
  private var highest: UInt16 = 0
  /// The bridged timestamp whose unit is to be marked.
  private var jump: UInt32?

  init(track: Track, reorders: Bool) {
    clock = MediaClock(track: track.index, clockRate: track.clockRate, order: track.pictureOrder)
    self.reorders = reorders
  }

  mutating func setOrder(of track: Track) { clock.setOrder(track.pictureOrder) }

  /// Another source sends from now on.
  mutating func changeSource() {
    clock.changeSource()
    timestamp = nil
    earlier = nil
  }

  /// A packet came whose timestamp is another than the one before.
  /// - Returns: what is to be added to its timestamp.
  mutating func advance(_ header: RTPHeader, at now: BootTime) -> UInt32 {
    if reorders, timestamp != nil {
      let distance = Int16(bitPattern: header.sequenceNumber &- highest)
      if distance < 0, distance > 0 &- ReceivedClock.maximumMisorder { return shift(ofLate: header.sequenceNumber) }
    }
    let isNewSource = timestamp == nil
    highest = header.sequenceNumber
    timestamp = header.timestamp
    clock.advance(to: header.timestamp, at: now)
    let before = shift
    shift = clock.offset
    if isNewSource { sourceShift = shift } else if shift != before { earlier = (before, header.sequenceNumber, header.timestamp &+ shift) }
    return shift
  }

  private func shift(ofLate sequenceNumber: UInt16) -> UInt32 {
    guard let earlier, Int16(bitPattern: sequenceNumber &- earlier.sequenceNumber) < 0 else { return shift }
    return earlier.shift
  }

  /// The repair that the last packet asked for. The sender's reports of before say nothing of the clock that runs now.
  mutating func removeRepair() -> ClockRepair? {
    guard let repair = clock.removeRepair() else { return nil }
    if repair.method == .bridged, let timestamp { jump = timestamp &+ shift }
    return repair
  }

  /// Whether a unit is the first behind a bridged jump. By its timestamp with what was added.
  mutating func removeJump(at timestamp: UInt32) -> Bool {
    guard let jump, Int32(bitPattern: timestamp &- jump) >= 0 else { return false }
    self.jump = nil
    return true
  }

  /// What was added to a unit's timestamp.
  func shift(at timestamp: UInt32) -> UInt32 {
    guard let earlier, Int32(bitPattern: timestamp &- earlier.timestamp) < 0 else { return shift }
    return earlier.shift
  }
}
