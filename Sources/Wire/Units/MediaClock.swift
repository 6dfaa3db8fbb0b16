public import Model

/// One track's clock as a sender counts it, in 32 bits, made a time line that goes on whatever that clock does: the one definition of a jump, for RTP
/// timestamps and for FLV's.
///
/// Senders step their clock back by seconds when somebody sets the time, begin at 0 again when their encoder restarts, and give one picture a time hours away.
/// Passed on, each of these stops a player or a recording for as long as the step is. A jump is
///
/// - a step back: of any length where decoding order is presentation order, else beyond ``tolerance``, for no picture is presented so long before one that was
///   sent earlier;
/// - a step forward beyond ``tolerance`` that makes the unit come from the future: no unit so far came as early, measured by its time, as this one would by more
///   than ``tolerance``; or a step that goes beyond the time that passed by more than ``longest``. What came late and in a heap is no jump.
///
/// Behind a jump the time line goes on by the time that passed between the arrivals. When the sender's clock comes back to where it was, so does the time line,
/// to the tick. A small step back in a track without reordering is held: its units follow each other closely until the sender's clock has caught up, and the
/// time line has not moved.
///
/// Called once a unit. Nothing traps, whatever the timestamps are.
public struct MediaClock: Sendable {
  /// How decoding order and presentation order stand to each other.
  public enum Order: Sendable, Hashable {
    /// Timestamps never go back: sound, decode times, pictures whose parameters say so.
    case ascending
    /// Pictures may be presented before others that were sent earlier.
    case reordered
    /// Nothing says it: learned from the timestamps.
    case unknown
  }

  /// Steps up to this are no jump, with the exceptions above.
  public static let tolerance = Nanoseconds.seconds(1)
  /// A step forward is never believed that goes so far beyond the time that passed.
  public static let longest = Nanoseconds.seconds(10)
  /// No publisher is silent for longer.
  private static let longestPause = Nanoseconds.seconds(86_400)
  /// A step back by no more than this is held.
  static let held = Nanoseconds.milliseconds(200)
  /// So many units in order show that there is no reordering, where nothing says it.
  private static let learning = 100
  /// Two small steps back within so many units are reordering all the same.
  private static let rhythm = 32

  private let track: UInt8
  private let rate: Int32
  private let tolerance: Int64
  private var order: Order
  /// Units since the last step back.
  private var inOrder = 0
  /// Units since the last small step back that was taken for a jump.
  private var sinceSmallJump = Int.max

  /// The newest timestamp as it came; nil before the first.
  public private(set) var timestamp: UInt32?
  /// The same unwrapped.
  private var raw: Int64 = 0
  /// What is added to ``raw``, and what was before the last repair.
  private var shift: Int64 = 0
  private var shiftBefore: Int64?
  /// The unit before was bridged: this one shows whether it was one odd timestamp or a clock that was set.
  private var isOnTrial = false
  private var isHolding = false
  private var isNewSource = false
  /// The newest unit's place on the time line, in ticks.
  public private(set) var time: Int64 = 0
  /// The highest so far.
  private var front: Int64 = 0
  private var arrival = BootTime(nanoseconds: 0)
  /// The most that a unit's time was ahead of its arrival; it fades by a thousandth of the time that passes, so that a slow clock is no cover for jumps.
  private var lead: Int64 = 0
  private var repair: ClockRepair?

  /// - Parameters:
  ///   - track: for what is reported.
  ///   - clockRate: ticks a second.
  public init(track: UInt8, clockRate: Int32, order: Order) {
    self.track = track
    rate = max(1, clockRate)
    self.order = order
    tolerance = MediaTime(value: MediaClock.tolerance.value, timescale: 1_000_000_000).rescaled(to: max(1, clockRate))
  }

  /// To be added, modulo 2³², to the newest timestamp for its place on the time line.
  public var offset: UInt32 { UInt32(truncatingIfNeeded: time &- raw) }

  /// The track's parameters say it, or say it anew.
  public mutating func setOrder(_ order: Order) {
    if order != .unknown || self.order == .ascending { self.order = order }
  }

  /// The repair that the last unit asked for; nil for most.
  public mutating func removeRepair() -> ClockRepair? {
    guard repair != nil else { return nil }
    defer { repair = nil }
    return repair
  }

  // MARK: Units

  /// The next unit in decoding order.
  /// - Parameter other: the clock of another track of the sender that runs by the same one: where this track begins, and where it goes on after a jump of both.
  /// - Returns: its place on the time line, in ticks.
  @discardableResult
  public mutating func advance(to timestamp: UInt32, at now: BootTime, beside other: MediaClock? = nil) -> Int64 {
    guard let before = self.timestamp else { return start(timestamp, now, other) }
    self.timestamp = timestamp
    if isNewSource { return follow(timestamp, now) }
    let step = Int64(Int32(bitPattern: timestamp &- before))
    raw &+= step
    let place = raw &+ shift
    if isJump(step, to: place, now) { return mend(step, now, other) }
    if isOnTrial, let old = shiftBefore, isNearer(old, than: place, now) { return restore(old, step, now) }
    note(step)
    return move(to: place, now)
  }

  /// Another source sends this track from now on: its timestamps have nothing to do with those before, and that is no jump.
  public mutating func changeSource() { isNewSource = timestamp != nil }

  private mutating func start(_ timestamp: UInt32, _ now: BootTime, _ other: MediaClock?) -> Int64 {
    self.timestamp = timestamp
    raw = Int64(timestamp)
    if let other, let theirs = other.timestamp {
      raw = other.raw &+ Int64(Int32(bitPattern: timestamp &- theirs))
      shift = other.shift
    }
    front = raw &+ shift
    lead = leadOf(front, now)
    return move(to: front, now)
  }

  private mutating func follow(_ timestamp: UInt32, _ now: BootTime) -> Int64 {
    isNewSource = false
    let place = expected(now)
    raw = Int64(timestamp)
    shift = place &- raw
    shiftBefore = nil
    isOnTrial = false
    return move(to: place, now)
  }

  private mutating func move(to place: Int64, _ now: BootTime) -> Int64 {
    isOnTrial = false
    isHolding = false
    return arrive(at: place, now)
  }

  private mutating func arrive(at place: Int64, _ now: BootTime) -> Int64 {
    let passed = max(0, (now - arrival).value)
    time = place
    if place >= front {
      front = place
      lead = max(lead &- passed >> 10, leadOf(place, now))
    }
    arrival = now
    return place
  }

  /// Learns from a step that is no jump whether pictures are reordered.
  private mutating func note(_ step: Int64) {
    if step < 0 {
      inOrder = 0
      if order == .unknown { order = .reordered }
    } else {
      if inOrder < MediaClock.learning { inOrder &+= 1 }
      if sinceSmallJump < MediaClock.rhythm { sinceSmallJump &+= 1 }
    }
  }

  // MARK: Jumps

  private func leadOf(_ place: Int64, _ now: BootTime) -> Int64 { nanoseconds(place) &- now.nanoseconds }
  private func nanoseconds(_ ticks: Int64) -> Int64 { MediaTime(value: ticks, timescale: rate).nanoseconds }
  private func ticks(_ time: Nanoseconds) -> Int64 { MediaTime(value: time.value, timescale: 1_000_000_000).rescaled(to: rate) }

  /// Whether timestamps never go back, as far as is known.
  private var ascends: Bool { order == .ascending || (order == .unknown && inOrder >= MediaClock.learning) }
  /// The least step forward: a millisecond, which is what recordings and RTMP can tell apart.
  private var leastStep: Int64 { max(1, Int64(rate) / 1000) }

  /// Where a unit that comes now lies when the sender's clock tells nothing.
  private func expected(_ now: BootTime) -> Int64 {
    front &+ max(leastStep, ticks(min(MediaClock.longestPause, max(.zero, now - arrival))))
  }

  private func isJump(_ step: Int64, to place: Int64, _ now: BootTime) -> Bool {
    if place <= front { return ascends ? place < front || step != 0 : place < front &- tolerance }
    guard step > tolerance else { return false }
    let beyond = nanoseconds(step) &- (now - arrival).value
    return beyond > MediaClock.longest.value || leadOf(place, now) &- lead > MediaClock.tolerance.value
  }

  private func deviation(_ place: Int64, _ now: BootTime) -> UInt64 { (place &- expected(now)).magnitude }

  /// Whether the shift before the last repair fits this unit better than the one that it led to.
  private func isNearer(_ old: Int64, than place: Int64, _ now: BootTime) -> Bool {
    let distance = deviation(raw &+ old, now)
    return distance <= tolerance.magnitude && distance < deviation(place, now)
  }

  private mutating func mend(_ step: Int64, _ now: BootTime, _ other: MediaClock?) -> Int64 {
    let place = raw &+ shift
    if step < 0, step >= 0 &- tolerance, isReordering() { return move(to: place, now) }
    let expected = expected(now)
    if let nearest = knownShift(nearerThan: place, now, other) { return restore(nearest, step, now) }
    if ascends, (expected &- place).magnitude <= ticks(MediaClock.held).magnitude {
      if !isHolding { report(step, .held) }
      isHolding = true
      return arrive(at: front &+ leastStep, now)
    }
    report(step, .bridged)
    shiftBefore = shift
    shift = expected &- raw
    isHolding = false
    defer { isOnTrial = true }
    return arrive(at: expected, now)
  }

  /// A shift that is known and fits this unit best: the one before the last repair, or that of the sender's other track.
  private func knownShift(nearerThan place: Int64, _ now: BootTime, _ other: MediaClock?) -> Int64? {
    var found: Int64?
    var least = min(deviation(place, now), tolerance.magnitude &+ 1)
    for candidate in [shiftBefore, other?.shift] {
      guard let candidate, deviation(raw &+ candidate, now) < least else { continue }
      least = deviation(raw &+ candidate, now)
      found = candidate
    }
    return found
  }

  private mutating func restore(_ known: Int64, _ step: Int64, _ now: BootTime) -> Int64 {
    report(step, .restored)
    shiftBefore = shift
    shift = known
    let place = raw &+ known
    return move(to: ascends ? max(place, front &+ leastStep) : place, now)
  }

  /// Whether a small step back shows, as the second of two, that pictures are reordered, of which nothing said anything.
  private mutating func isReordering() -> Bool {
    defer { sinceSmallJump = 0 }
    guard order == .unknown, sinceSmallJump < MediaClock.rhythm else { return false }
    order = .reordered
    return true
  }

  private mutating func report(_ step: Int64, _ method: ClockRepair.Method) {
    repair = ClockRepair(track: track, step: Nanoseconds(nanoseconds(step)), method: method)
  }
}

extension Track {
  /// What the track's parameters say about the order of its pictures. Sound has one order.
  public var pictureOrder: MediaClock.Order {
    switch parameters {
    case .h264(let sps, _):
      guard let parsed = sps.first.flatMap({ H264SPS(nal: $0) }) else { return .unknown }
      if let frames = parsed.reorderFrames { return frames == 0 ? .ascending : .reordered }
      return parsed.maximumReorderFrames == 0 ? .ascending : .unknown
    case .h265(_, let sps, _):
      guard let parsed = sps.first.flatMap({ H265SPS(nal: $0) }) else { return .unknown }
      return parsed.reorderPictures == 0 ? .ascending : .reordered
    default: return codec.isVideo ? .unknown : .ascending
    }
  }
}
