internal import Model

/// Which packet is next: the order of one source's sequence numbers, with what waits out of order, what comes too late, and a sender that
/// begins to count anew.
struct SequenceOrder: Sendable {
  /// RFC 3550 §A.1's MAX_MISORDER, wide enough for satellite links: what is older than this many packets is late only as long as it is alone.
  private static let maximumMisorder: Int16 = 1024

  /// Packets out of order wait in the window, repeated ones are dropped. Otherwise each packet is next when it comes.
  let reorders: Bool
  private(set) var window = ReorderWindow()
  private(set) var hasStarted = false
  private(set) var ssrc: UInt32 = 0
  /// The sequence number of the next packet.
  private(set) var expected: UInt16 = 0
  /// Packets of this source may have come, and none was passed on.
  private var isFresh = false
  /// Where a sender that began to count anew would go on.
  private var restart: UInt16?

  init(reorders: Bool) { self.reorders = reorders }

  // MARK: The beginning

  func isOther(_ source: UInt32) -> Bool { !hasStarted || source != ssrc }

  /// Whether the sequence may begin earlier than at what came first, for nothing was passed on yet.
  func mayBegin(at sequenceNumber: UInt16) -> Bool {
    isFresh && reorders && Int16(bitPattern: sequenceNumber &- expected) <= 0
  }

  /// A source begins. A packet from the middle of a unit may only have overtaken those before it: it waits for them as for one that is missing.
  /// - Parameter showsStart: the packet shows that no packet of its unit lies before it; it does not wait.
  mutating func begin(_ source: UInt32, at sequenceNumber: UInt16, showsStart: Bool) {
    if isOther(source) { restart = nil }
    hasStarted = true
    ssrc = source
    isFresh = true
    expected = reorders && !showsStart ? sequenceNumber &- 1 : sequenceNumber
  }

  // MARK: Passing on

  /// The packet with this number is passed on.
  /// - Returns: how many numbers before it were given up; 0x8000 and more is a step back, a gap of unknown size.
  mutating func pass(_ sequenceNumber: UInt16) -> UInt16 {
    if isFresh {
      isFresh = false
      expected = sequenceNumber
    }
    let missing = sequenceNumber &- expected
    expected = sequenceNumber &+ 1
    return missing
  }

  /// The packet with the expected number is passed on, and others were before it.
  mutating func passExpected() { expected &+= 1 }

  // MARK: Out of order

  /// How far ahead of the expected number; negative is late.
  func distance(of sequenceNumber: UInt16) -> Int16 { Int16(bitPattern: sequenceNumber &- expected) }

  /// False, and nothing kept, when one with this sequence number waits already.
  mutating func hold(_ packet: ReorderWindow.Held) -> Bool { window.insert(packet) }

  /// What waits and is next, or has waited enough.
  mutating func removeDue(at now: BootTime) -> ReorderWindow.Held? {
    guard let next = window.next, next == expected || window.isDue(at: now) else { return nil }
    return window.removeFirst()
  }

  /// What waits, next or not.
  mutating func removeFirst() -> ReorderWindow.Held? { window.removeFirst() }

  /// Whether a late packet shows that the sender began to count anew, which two in a row far behind do (RFC 3550 §A.1). Otherwise it was repeated,
  /// or given up.
  mutating func restarts(at sequenceNumber: UInt16) -> Bool {
    let isFarBehind = distance(of: sequenceNumber) < -SequenceOrder.maximumMisorder
    if isFarBehind, restart == sequenceNumber {
      restart = nil
      return true
    }
    restart = isFarBehind ? sequenceNumber &+ 1 : nil
    return false
  }
}
