public import Model

/// Counts one track's RTP packets as they arrive (measurement.md §2): no allocation, no dictionary, about ten integer operations a packet.
///
/// - expected = max(e) − min(e) + 1 over extended sequence numbers e (the least, not the first that arrived); lost = expected − |set(e)|.
/// - A packet 1024 or more behind the highest is late: whether it is a duplicate can no longer be known.
/// - Reordered (RFC 4737 §3): a first arrival with e below the highest before it.
/// - A source's sequence that begins anew (RFC 3550 A.1) starts new counters; the old ones are folded, so that the cumulative values go on.
///   Unlike A.1 there is no probation at the start (the session was signalled, and the first packet counts), packets on trial are counted when
///   the trial succeeds, and a forward jump whose timestamps kept pace with the clock is loss, however long: an outage must count.
public struct RTPReceptionMeter: Sendable {
  /// RFC 3550 A.1 MAX_DROPOUT.
  static let maximumDropout: Int64 = 3000
  /// Packets in a row that make a new sequence (A.1 MIN_SEQUENTIAL), and as many when their timestamps say that they are merely old.
  static let restartAfter: Int64 = 2
  static let restartAfterOld: Int64 = 16

  private struct Trial: Sendable {
    var first: UInt16 = 0
    var next: UInt16 = 0
    var count: Int64 = 0
    var isBehind = false
  }

  private let clockRate: Int64
  private var folded: TrackCounters
  private var jitter: Jitter
  private var bursts = BurstGap()
  private var seen = SequenceWindow()
  private var isStarted = false
  private var lowest: Int64 = 0
  private var highest: Int64 = 0
  private var unique: Int64 = 0
  private var undecided: Int64 = .min
  private var newestTimestamp: UInt32 = 0
  private var newestArrival = BootTime(nanoseconds: 0)
  private var trial = Trial()
  private var reportedExpected: Int64 = 0
  private var reportedReceived: Int64 = 0

  /// - Parameter clockRate: RTP ticks a second.
  public init(track: UInt8, clockRate: Int32) {
    self.clockRate = Int64(max(1, clockRate))
    folded = TrackCounters(track: track)
    jitter = Jitter(clockRate: clockRate)
  }

  /// - Parameters:
  ///   - arrival: the kernel's stamp, converted; over TCP the read's.
  ///   - bytes: of the RTP packet, header included.
  public mutating func packet(sequenceNumber: UInt16, timestamp: UInt32, arrival: BootTime, bytes: Int) {
    folded.bytesReceived &+= Int64(bytes)
    guard isStarted else { return start(sequenceNumber, timestamp, arrival) }
    let distance = Int64(Int16(bitPattern: sequenceNumber &- UInt16(truncatingIfNeeded: highest)))
    if distance > 0 {
      guard distance < RTPReceptionMeter.maximumDropout || keepsPace(timestamp, arrival) else {
        return outside(sequenceNumber, timestamp, arrival, isBehind: false)
      }
      advance(by: distance)
      newestTimestamp = timestamp
      newestArrival = arrival
    } else if distance > -SequenceWindow.reach {
      behind(highest &+ distance)
    } else {
      return outside(sequenceNumber, timestamp, arrival, isBehind: true)
    }
    if trial.count > 0 { endTrial() }
    jitter.packet(timestamp: timestamp, arrival: arrival)
  }

  /// Bytes that came without packets to count.
  public mutating func bytes(_ count: Int) { folded.bytesReceived &+= Int64(count) }

  /// The sender announced a new sequence (another SSRC): the next packet starts it.
  public mutating func restart() {
    guard isStarted else { return }
    endTrial()
    fold()
    folded.restarts &+= 1
    jitter.restart()
    isStarted = false
  }

  /// No more packets will come: decides the fate of all, for bursts and gaps.
  public mutating func finish() {
    endTrial()
    decideAll()
  }

  /// Cumulative counters over all sequences of the session; ``TrackCounters/jitterMaxNs`` is left 0 (see ``sample()``).
  public var counters: TrackCounters {
    var now = folded
    if isStarted {
      now.packetsExpected &+= highest &- lowest &+ 1
      now.packetsReceived &+= unique
    }
    now.jitterNs = jitter.nanoseconds
    now.jitterSumNs = jitter.sum
    now.jitterCount = jitter.count
    now.packetsDecided = bursts.decided
    now.decidedLost = bursts.lost
    now.bursts = bursts.bursts
    now.burstPackets = bursts.burstPackets
    now.burstLost = bursts.burstLost
    return now
  }

  /// The counters for a second sample: as ``counters``, with the largest jitter since the last call.
  public mutating func sample() -> TrackCounters {
    var now = counters
    now.jitterMaxNs = jitter.removeMaximum()
    return now
  }

  /// The report block to send now; nil before the first packet. Its fraction runs from one call to the next.
  public mutating func reportBlock() -> ReportBlock? {
    guard isStarted else { return nil }
    let now = counters
    let expected = now.packetsExpected &- reportedExpected
    let lost = expected &- (now.packetsReceived &- reportedReceived)
    reportedExpected = now.packetsExpected
    reportedReceived = now.packetsReceived
    let fraction = expected > 0 && lost > 0 ? min(255, lost * 256 / expected) : 0
    let cumulative = min(max(highest &- lowest &+ 1 &- unique, -0x80_0000), 0x7F_FFFF)
    let units = jitter.nanoseconds.multipliedFullWidth(by: clockRate)
    let ticks = units.high == 0 ? units.low / 1_000_000_000 : UInt64(UInt32.max)
    return ReportBlock(
      fractionLost: UInt8(truncatingIfNeeded: fraction), cumulativeLost: Int32(truncatingIfNeeded: cumulative),
      extendedHighestSequenceNumber: UInt32(truncatingIfNeeded: highest), jitter: UInt32(clamping: ticks))
  }

  private mutating func start(_ sequenceNumber: UInt16, _ timestamp: UInt32, _ arrival: BootTime) {
    isStarted = true
    lowest = Int64(sequenceNumber)
    highest = lowest
    unique = 1
    undecided = .min
    seen.removeAll()
    seen.insert(highest)
    newestTimestamp = timestamp
    newestArrival = arrival
    jitter.packet(timestamp: timestamp, arrival: arrival)
  }

  /// Moves the window on; whatever leaves it is decided.
  private mutating func advance(by distance: Int64) {
    guard distance > 1 else { return advance() }
    let target = highest &+ distance
    let swept = min(distance, SequenceWindow.reach)
    for step in 1...swept {
      let leaving = highest &+ step &- SequenceWindow.reach
      decide(leaving)
      seen.remove(leaving)
    }
    // Of a jump longer than the window, the numbers that never were inside it.
    bursts.missing(distance &- swept)
    undecided = max(undecided, target &- SequenceWindow.reach &+ 1)
    highest = target
    seen.insert(target)
    unique &+= 1
  }

  /// By one, as nearly every packet does.
  private mutating func advance() {
    highest &+= 1
    let leaving = highest &- SequenceWindow.reach
    decide(leaving)
    undecided = max(undecided, leaving &+ 1)
    // The one that leaves and the one that comes share a place: what is said of it from here on is the newcomer's.
    seen.insert(highest)
    unique &+= 1
  }

  private mutating func behind(_ extended: Int64) {
    guard !seen.contains(extended) else {
      folded.packetsDuplicated &+= 1
      return
    }
    seen.insert(extended)
    unique &+= 1
    folded.packetsReordered &+= 1
    lowest = min(lowest, extended)
  }

  private mutating func decide(_ extended: Int64) {
    guard extended >= lowest, extended >= undecided else { return }
    undecided = extended &+ 1
    if seen.contains(extended) { bursts.received() } else { bursts.missing() }
  }

  private mutating func decideAll() {
    guard isStarted else { return }
    let first = max(lowest, highest &- SequenceWindow.reach &+ 1)
    if first <= highest {
      for extended in first...highest { decide(extended) }
    }
    bursts.end()
  }

  /// Whether there was time for so many losses (half a second), and the media clock moved in it as the boot clock did, within 2 s.
  private func keepsPace(_ timestamp: UInt32, _ arrival: BootTime) -> Bool {
    let media = Int64(Int32(bitPattern: timestamp &- newestTimestamp)) * 1_000_000_000 / clockRate
    let elapsed = arrival - newestArrival
    return elapsed >= .milliseconds(500) && (elapsed.value &- media).magnitude <= 2_000_000_000
  }

  private mutating func outside(_ sequenceNumber: UInt16, _ timestamp: UInt32, _ arrival: BootTime, isBehind: Bool) {
    if trial.count > 0, sequenceNumber == trial.next {
      trial.count &+= 1
      trial.next = sequenceNumber &+ 1
    } else {
      endTrial()
      trial = Trial(first: sequenceNumber, next: sequenceNumber &+ 1, count: 1, isBehind: isBehind)
    }
    let age = Int64(Int32(bitPattern: newestTimestamp &- timestamp))
    let isOld = isBehind && age >= 0 && age < 60 * clockRate
    guard trial.count >= (isOld ? RTPReceptionMeter.restartAfterOld : RTPReceptionMeter.restartAfter) else { return }
    let began = trial
    trial.count = 0
    fold()
    folded.restarts &+= 1
    jitter.restart()
    start(began.first, timestamp, arrival)
    for _ in 1..<began.count { advance(by: 1) }
  }

  /// Packets on trial that led nowhere.
  private mutating func endTrial() {
    if trial.isBehind { folded.packetsLate &+= trial.count } else { folded.packetsDiscarded &+= trial.count }
    trial.count = 0
  }

  private mutating func fold() {
    decideAll()
    folded.packetsExpected &+= highest &- lowest &+ 1
    folded.packetsReceived &+= unique
    unique = 0
  }
}
