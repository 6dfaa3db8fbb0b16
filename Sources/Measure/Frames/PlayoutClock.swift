internal import Model

/// A virtual play-out with a fixed buffer (measurement.md §2): what a viewer one second behind would have seen, protocol independent.
///
/// A unit's deadline is t_first + (r − r_first)/f + D. A unit that is not clean, or complete only after its deadline, is not shown. A freeze is an
/// interval between shown units of at least max(3·avg, avg + 150 ms), avg over the last 30 such intervals before it (W3C webrtc-stats
/// `freezeCount`); above 5 s it is a pause as well. The time axis is the deadlines', so figures trail the arrivals by D.
///
/// The device's clock drifts against ours: where the least delay of the last window is off by more than 50 ms, the base follows it by at most
/// 500 ppm. In the first minutes of any sane device the formula above holds to the nanosecond.
struct PlayoutClock: Sendable {
  static let buffer = Nanoseconds.seconds(1)
  static let pause = Nanoseconds.seconds(5)
  static let driftAllowance: Int64 = 50_000_000
  static let slewPPM: Int64 = 500

  struct Interval: Sendable, Hashable {
    var from: BootTime
    var to: BootTime
  }

  private(set) var shown: Int64 = 0
  private(set) var late: Int64 = 0
  private(set) var freezes: Int64 = 0
  private(set) var frozen = Nanoseconds.zero
  private(set) var longestFreeze = Nanoseconds.zero
  private(set) var pauses: Int64 = 0
  private(set) var paused = Nanoseconds.zero
  /// Freezes that ended, kept until the window they lie in is gone.
  private(set) var intervals = Ring<Interval>()

  /// Boot time at which media time 0 would have arrived.
  private var base: Int64 = 0
  private var isAnchored = false
  private var lastShown: BootTime?
  /// Deadlines to come, ascending.
  private var pending: [BootTime] = []
  private var durations = InlineArray<30, Int64>(repeating: 0)
  private var durationCount = 0
  private var durationSum: Int64 = 0
  private var oldest = 0

  init() { pending.reserveCapacity(64) }

  /// The first unit, or the first after the time line jumped.
  mutating func anchor(mediaNs: Int64, arrival: BootTime) {
    base = arrival.nanoseconds &- mediaNs
    isAnchored = true
  }

  mutating func unit(mediaNs: Int64, complete: BootTime, isClean: Bool) {
    advance(to: complete)
    guard isClean, isAnchored else { return }
    let deadline = BootTime(nanoseconds: base &+ mediaNs) + PlayoutClock.buffer
    guard complete <= deadline else {
      late &+= 1
      return
    }
    var at = pending.count
    while at > 0, pending[at - 1] > deadline { at -= 1 }
    pending.insert(deadline, at: at)
  }

  /// Shows what is due.
  mutating func advance(to now: BootTime) {
    var due = 0
    while due < pending.count, pending[due] <= now {
      show(pending[due])
      due += 1
    }
    if due > 0 { pending.removeFirst(due) }
  }

  /// Lets the base follow a drifting clock.
  /// - Parameters:
  ///   - leastBase: the least arrival − media time of the last window.
  ///   - elapsed: since the last call.
  mutating func follow(leastBase: Int64, elapsed: Nanoseconds) {
    let off = leastBase &- base
    guard isAnchored, off.magnitude > UInt64(PlayoutClock.driftAllowance) else { return }
    let most = max(0, elapsed.value) / 1_000_000 * PlayoutClock.slewPPM
    base &+= min(max(off, -most), most)
  }

  /// The freeze under way at an instant up to which ``advance(to:)`` was called.
  func openFreeze(at now: BootTime) -> Interval? {
    guard let lastShown, let threshold, (now - lastShown).value >= threshold else { return nil }
    return Interval(from: lastShown, to: now)
  }

  /// Forgets freezes that ended before an instant.
  mutating func forget(before start: BootTime) {
    while let first = intervals.first, first.to <= start { intervals.removeFirst() }
  }

  /// Nil until one interval is known.
  private var threshold: Int64? {
    guard durationCount > 0 else { return nil }
    let average = durationSum / Int64(durationCount)
    return max(3 &* average, average &+ 150_000_000)
  }

  private mutating func show(_ instant: BootTime) {
    shown &+= 1
    guard let before = lastShown else {
      lastShown = instant
      return
    }
    let duration = instant - before
    guard duration > .zero else { return }
    lastShown = instant
    if let threshold, duration.value >= threshold { freeze(Interval(from: before, to: instant), duration) }
    remember(duration.value)
  }

  private mutating func freeze(_ interval: Interval, _ duration: Nanoseconds) {
    freezes &+= 1
    frozen = frozen + duration
    longestFreeze = max(longestFreeze, duration)
    intervals.append(interval)
    guard duration > PlayoutClock.pause else { return }
    pauses &+= 1
    paused = paused + duration
  }

  private mutating func remember(_ duration: Int64) {
    if durationCount == 30 { durationSum &-= durations[oldest] } else { durationCount += 1 }
    durations[oldest] = duration
    durationSum &+= duration
    oldest = (oldest + 1) % 30
  }
}
