public import Model

/// Frame figures of one track, from access units alone, so the same for every protocol (measurement.md §2).
///
/// One call a unit; memory is a window of delays and a second of deadlines.
public struct FrameMeter: Sendable {
  /// A time line that moves this much, and that much unlike the clock, was set anew.
  static let jump: Int64 = 5_000_000_000

  private let clockRate: Int32
  /// Since the session began.
  public private(set) var totals = FrameTotals()
  /// Frames from the last key frame but one to the last; 0 until two came.
  public private(set) var gopFrames: Int64 = 0
  /// The longest since ``removeLongestGOP()``.
  private var longestGOP: Int64 = 0
  /// The furthest that a picture was presented before one sent earlier, ns, since ``removeReorderDepth()``.
  private var reorderDepth: Int64 = 0
  /// The longest time in which no unit was completed.
  public private(set) var longestGap = Nanoseconds.zero
  /// Of the session's first unit; nil before it.
  public private(set) var firstArrival: BootTime?
  /// When the newest unit was complete.
  public private(set) var lastArrival: BootTime?

  var playout = PlayoutClock()
  var expected: ExpectedFrames
  /// Per frame: arrival of its first packet less its media time, both since the anchor.
  private(set) var delays = Ring<Int64>()

  private var anchorArrival = BootTime(nanoseconds: 0)
  private var anchorMedia: Int64 = 0
  private var lastMedia: Int64 = 0
  private var lastFirstArrival = BootTime(nanoseconds: 0)
  private var highestMedia: Int64 = .min
  private var sinceKey: Int64 = 0

  /// - Parameters:
  ///   - clockRate: ticks a second of the units' timestamps.
  ///   - nominalFrameRateMilli: frames a second × 1000; nil while unknown, and then the expected frames are.
  public init(clockRate: Int32, nominalFrameRateMilli: Int64? = nil) {
    self.clockRate = max(1, clockRate)
    expected = ExpectedFrames(rateMilli: nominalFrameRateMilli)
  }

  /// Units in decode order, as they were completed.
  public mutating func frame(_ frame: FrameSample) {
    let media = MediaTime(value: frame.timestamp, timescale: clockRate).nanoseconds
    place(media, frame)
    count(frame, media)
    if let last = lastArrival { longestGap = max(longestGap, frame.lastArrival - last) }
    lastArrival = max(lastArrival ?? frame.lastArrival, frame.lastArrival)
    delays.append((frame.firstArrival - anchorArrival).value &- (media &- anchorMedia))
    playout.unit(mediaNs: media, complete: frame.lastArrival, isClean: frame.flags.contains(.clean))
    lastMedia = media
    lastFirstArrival = frame.firstArrival
  }

  /// Frames that should have come before an instant; nil while the nominal rate is unknown.
  public func framesExpected(before instant: BootTime) -> Int64? { expected.count(before: instant) }

  /// Frames are expected at another rate from an instant on; nil: at none.
  public mutating func changeNominal(frameRateMilli: Int64?, at instant: BootTime) {
    expected.change(rateMilli: frameRateMilli, at: instant)
  }

  /// Shows what is due and lets the play-out follow the device's clock by the least delay of the window.
  mutating func advance(to now: BootTime, elapsed: Nanoseconds, leastDelay: Int64?) {
    playout.advance(to: now)
    totals.shown = playout.shown
    totals.late = playout.late
    guard let leastDelay else { return }
    playout.follow(leastBase: anchorArrival.nanoseconds &- anchorMedia &+ leastDelay, elapsed: elapsed)
  }

  mutating func removeLongestGOP() -> Int64 {
    defer { longestGOP = 0 }
    return longestGOP
  }

  mutating func removeReorderDepth() -> Int64 {
    defer { reorderDepth = 0 }
    return reorderDepth
  }

  mutating func forget(delaysBefore index: Int, freezesBefore start: BootTime) {
    delays.removeAll(before: index)
    playout.forget(before: start)
  }

  /// Anchors the time line at the first unit, after a gap of the publisher, and where the device set its timestamps anew.
  private mutating func place(_ media: Int64, _ frame: FrameSample) {
    guard firstArrival != nil else {
      firstArrival = frame.firstArrival
      expected.begin(at: frame.firstArrival)
      return anchor(media, frame)
    }
    let moved = media &- lastMedia
    let elapsed = (frame.firstArrival - lastFirstArrival).value
    let jumped = moved.magnitude > UInt64(FrameMeter.jump) && (moved &- elapsed).magnitude > UInt64(FrameMeter.jump)
    if jumped { totals.timestampJumps &+= 1 }
    if jumped || frame.flags.contains(.discontinuity) { anchor(media, frame) }
  }

  private mutating func anchor(_ media: Int64, _ frame: FrameSample) {
    anchorArrival = frame.firstArrival
    anchorMedia = media
    highestMedia = .min
    playout.anchor(mediaNs: media, arrival: frame.firstArrival)
  }

  private mutating func count(_ frame: FrameSample, _ media: Int64) {
    totals.received &+= 1
    totals.bytes &+= frame.size
    if frame.flags.contains(.clean) { totals.clean &+= 1 }
    if frame.flags.contains(.damaged) { totals.damaged &+= 1 }
    if media < highestMedia {
      totals.reordered &+= 1
      reorderDepth = max(reorderDepth, highestMedia &- media)
    }
    highestMedia = max(highestMedia, media)
    guard frame.flags.contains(.key) else {
      sinceKey &+= 1
      return
    }
    if totals.keys > 0 {
      gopFrames = sinceKey &+ 1
      longestGOP = max(longestGOP, gopFrames)
    }
    totals.keys &+= 1
    sinceKey = 0
  }
}
