internal import Model

/// Finds the gaps in one stream's arrivals: a pause beyond max(1 s, 5 × frame period), or any interruption of the publisher.
struct GapLedger {
  struct Found: Equatable {
    var from: BootTime
    var to: BootTime
    var cause: ArchiveGap.Cause
    var event: ArchiveGap.Event
  }

  static let shortest = Nanoseconds.seconds(1)
  static let periods: Int64 = 5

  private var stream: RecordedStream?
  private var last: (arrival: BootTime, pts: Int64)?
  /// Arrival of the first unit of all.
  private var first: BootTime?
  private var isInterrupted = false
  /// Set when the relay itself was away.
  private var away: BootTime?
  /// First pts and count of an undisturbed run, for the frame period.
  private var rhythm: (first: Int64, newest: Int64, count: Int64)?

  /// The relay was killed; the last unit that was saved arrived then. Gives the gap at once when the publisher has already returned.
  mutating func resumeAfterCrash(lastArrival: BootTime) -> Found? {
    guard let first else {
      away = lastArrival
      return nil
    }
    return lastArrival < first ? Found(from: lastArrival, to: first, cause: .recorder, event: .relayRestarted) : nil
  }

  var session: String? { stream?.session }

  /// Gives up waiting for the publisher to return after a crash: the gap until now.
  mutating func closeAway(at now: BootTime) -> Found? {
    guard let from = away, from < now else { return nil }
    away = nil
    return Found(from: from, to: now, cause: .recorder, event: .relayRestarted)
  }

  mutating func apply(_ item: RecordedItem) -> Found? {
    switch item {
    case .described(let description):
      if stream?.keyTrack != description.keyTrack { rhythm = nil }
      stream = description
      return nil
    case .interrupted:
      isInterrupted = last != nil
      return nil
    case .ended:
      last = nil
      rhythm = nil
      isInterrupted = false
      return nil
    case .unit(let unit): return apply(unit.unit)
    }
  }

  private mutating func apply(_ unit: AccessUnit) -> Found? {
    guard let stream, unit.track == stream.keyTrack ?? stream.tracks.first?.index else { return nil }
    let pts = unit.pts.nanoseconds
    let before = last
    if first == nil { first = unit.firstArrival }
    last = (unit.arrival, pts)
    if let from = away {
      away = nil
      return Found(from: from, to: unit.firstArrival, cause: .recorder, event: .relayRestarted)
    }
    guard let before else { return nil }
    let pause = unit.firstArrival - before.arrival
    let found = judge(unit, before, pause, step: pts &- before.pts)
    if found == nil { count(pts) } else { rhythm = nil }
    isInterrupted = false
    return found
  }

  private func judge(_ unit: AccessUnit, _ before: (arrival: BootTime, pts: Int64), _ pause: Nanoseconds, step: Int64) -> Found? {
    if isInterrupted { return Found(from: before.arrival, to: unit.firstArrival, cause: .network, event: .interrupted) }
    guard pause > limit else { return nil }
    if step <= limit.value { return Found(from: before.arrival, to: unit.firstArrival, cause: .network, event: .late) }
    let isLost = unit.flags.contains(.damaged) || unit.flags.contains(.discontinuity) || (!unit.isKey && !unit.flags.contains(.clean))
    return Found(from: before.arrival, to: unit.firstArrival, cause: isLost ? .network : .device, event: isLost ? .lost : .silent)
  }

  private mutating func count(_ pts: Int64) {
    let known = rhythm ?? (pts, pts, 0)
    rhythm = (known.first, max(known.newest, pts), known.count &+ 1)
  }

  /// From the declared frame rate, else from what came.
  var period: Nanoseconds? {
    if let stream, let key = stream.keyTrack, let rate = stream.track(key)?.nominalFrameRateMilli, rate > 0 {
      return Nanoseconds(1_000_000_000_000 / Int64(clamping: rate))
    }
    guard let rhythm, rhythm.count >= 10 else { return nil }
    return Nanoseconds(max(0, (rhythm.newest &- rhythm.first) / (rhythm.count - 1)))
  }

  var limit: Nanoseconds {
    guard let period else { return GapLedger.shortest }
    let (product, overflow) = period.value.multipliedReportingOverflow(by: GapLedger.periods)
    return overflow ? GapLedger.shortest : max(GapLedger.shortest, Nanoseconds(product))
  }
}
