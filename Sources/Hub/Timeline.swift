internal import Model

/// Places each publication's units on the stream's one time line, so that a publisher's return continues it: pts zero is the stream's first
/// unit, tracks are aligned by capture time where the sender reports it, else by arrival.
struct Timeline {
  private struct TrackClock {
    var offset: Int64
    var timescale: Int32
  }

  private var tracks: [TrackClock?] = []
  private var sharedClock: Bool
  /// Stream time of the publication's first unit, and its arrival and capture.
  private var base: Int64
  private var anchor: (arrival: BootTime, capture: Int64?)?
  /// The furthest stream time seen, in nanoseconds, with the arrival of its unit.
  private(set) var newest: (time: Int64, arrival: BootTime)?

  /// - Parameter after: the time line this publication continues; nil for a new stream.
  init(after earlier: Timeline?, at now: BootTime, sharedClock: Bool) {
    self.sharedClock = sharedClock
    if let newest = earlier?.newest {
      base = newest.time &+ max(0, (now - newest.arrival).value)
      self.newest = newest
    } else {
      base = 0
    }
  }

  /// Rewrites pts and dts of a unit to stream time, keeping its timescale.
  mutating func place(_ unit: inout AccessUnit) {
    let index = Int(unit.track)
    while tracks.count <= index { tracks.append(nil) }
    let clock: TrackClock
    if let known = tracks[index], known.timescale == unit.pts.timescale {
      clock = known
    } else {
      clock = start(unit)
      tracks[index] = clock
      if sharedClock { for other in tracks.indices where tracks[other] == nil { tracks[other] = clock } }
    }
    unit.pts.value &+= clock.offset
    unit.dts?.value &+= clock.offset
    let time = unit.pts.nanoseconds
    if time > newest?.time ?? .min { newest = (time, unit.arrival) }
  }

  private mutating func start(_ unit: AccessUnit) -> TrackClock {
    let first = unit.dts ?? unit.pts
    var begin = base
    if let anchor {
      if !sharedClock {
        if let mine = unit.capture?.wall.nanoseconds, let theirs = anchor.capture, abs(mine &- theirs) < 10_000_000_000 {
          begin = base &+ (mine &- theirs)
        } else {
          begin = base &+ (unit.firstArrival - anchor.arrival).value
        }
      }
    } else {
      anchor = (unit.firstArrival, unit.capture?.wall.nanoseconds)
    }
    let ticks = MediaTime(value: begin, timescale: 1_000_000_000).rescaled(to: first.timescale)
    return TrackClock(offset: ticks &- first.value, timescale: first.timescale)
  }
}
