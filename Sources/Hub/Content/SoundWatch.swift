internal import Measure
internal import Model

/// Concludes spans of silence of one audio track (docs/quality.md). Pure: the shell has decoded what it asks for.
///
/// While there is sound, a quarter of a second of every four is listened to; a silent quarter has everything since decoded, and from there on all
/// that comes, until there is sound again.
struct SoundWatch {
  /// Units to be listened to, the first `preroll` of them only for the decoder.
  struct Ask {
    var units: [AccessUnit]
    var preroll: Int
    /// Arrival of the first unit after the preroll, to which the answer's times are added.
    var at: BootTime { units[preroll].firstArrival }
  }

  private enum Mode {
    case sounding
    /// The newest stretch is quiet; since when is being searched for.
    case searching
    case quiet(since: BootTime, isTold: Bool)
  }

  static let silentAfter = Nanoseconds.seconds(10)
  static let stretch = Nanoseconds.milliseconds(250)
  static let quietStep = Nanoseconds.seconds(1)
  static let mostHeld = 1500

  private var mode = Mode.sounding
  /// Everything since the last stretch that was decoded to its end.
  private var held: [AccessUnit] = []
  /// The unit before ``held``, which brings the decoder into step.
  private var before: AccessUnit?
  /// Which of ``held`` the question that is open covers.
  private var asked: Range<Int>?
  private var lastAsk: BootTime?
  private var isJudged = false
  private(set) var lastArrival: BootTime?

  mutating func append(_ unit: AccessUnit) {
    held.append(unit)
    lastArrival = unit.firstArrival
    guard held.count > SoundWatch.mostHeld, asked == nil else { return }
    let cut = held.count - SoundWatch.mostHeld
    before = held[cut - 1]
    held.removeFirst(cut)
  }

  /// What is to be listened to now, if anything.
  /// - Parameter interval: between two stretches while there is sound.
  mutating func ask(at now: BootTime, interval: Nanoseconds) -> Ask? {
    guard asked == nil, let first = held.first, let last = held.last else { return nil }
    switch mode {
    case .sounding:
      let since = lastAsk ?? first.firstArrival - interval + .seconds(1)
      guard now - since >= interval, SoundWatch.length(held) >= SoundWatch.stretch else { return nil }
      var begin = held.count - 1
      while begin > 0, SoundWatch.time(last) - SoundWatch.time(held[begin]) < SoundWatch.stretch.value { begin -= 1 }
      return ask(from: begin, at: now)
    case .searching: return ask(from: 0, at: now)
    case .quiet:
      guard now - (lastAsk ?? first.firstArrival) >= SoundWatch.quietStep else { return nil }
      return ask(from: 0, at: now)
    }
  }

  private mutating func ask(from begin: Int, at now: BootTime) -> Ask? {
    asked = begin..<held.count
    lastAsk = now
    guard let preroll = begin > 0 ? held[begin - 1] : before else { return Ask(units: Array(held[begin...]), preroll: 0) }
    return Ask(units: [preroll] + held[begin...], preroll: 1)
  }

  /// The question could not be answered.
  mutating func fail() {
    // What is quiet may be quiet no more: nothing is concluded from what was not decoded.
    if case .searching = mode { mode = .sounding }
    asked = nil
  }

  /// - Returns: events for the session's samples.
  mutating func answer(_ sound: DecodedSound, to ask: Ask) -> [SampleEvent] {
    let asked = asked ?? 0..<0
    self.asked = nil
    var events = [SampleEvent(at: ask.at, kind: .sound, value1: sound.length.value, value2: sound.peakMilliDecibel)]
    switch mode {
    case .sounding:
      guard sound.lastLoud != nil else {
        mode = .searching
        break
      }
      if !isJudged { events.append(judged(ask.at, isSilent: false)) }
      // The stretch itself is kept: silence may begin inside it.
      decoded(asked.lowerBound)
    case .searching:
      let since = sound.lastLoud.map { ask.at + $0 } ?? ask.at
      mode = .quiet(since: since, isTold: false)
      if !isJudged { events.append(judged(ask.at, isSilent: false)) }
      decoded(asked.upperBound)
      events += report(until: ask.at + sound.length)
    case .quiet:
      if let first = sound.firstLoud {
        events += report(until: ask.at + first)
        if case .quiet(_, true) = mode { events.append(SoundWatch.probe(at: ask.at + first, isSilent: false)) }
        // It is kept: silence may have begun again inside it.
        mode = .sounding
      } else {
        events += report(until: ask.at + sound.length)
        decoded(asked.upperBound)
      }
    }
    return events
  }

  /// The stream goes on without its sound.
  mutating func idle(at now: BootTime) -> [SampleEvent] {
    guard asked == nil, let lastArrival, now - lastArrival >= SoundWatch.silentAfter else { return [] }
    if case .quiet = mode { return report(until: now) }
    mode = .quiet(since: lastArrival, isTold: false)
    return report(until: now)
  }

  private mutating func decoded(_ count: Int) {
    guard count > 0, count <= held.count else { return }
    before = held[count - 1]
    held.removeFirst(count)
  }

  private mutating func report(until: BootTime) -> [SampleEvent] {
    guard case .quiet(let since, false) = mode, until - since >= SoundWatch.silentAfter else { return [] }
    mode = .quiet(since: since, isTold: true)
    isJudged = true
    return [SoundWatch.probe(at: since, isSilent: true)]
  }

  private mutating func judged(_ at: BootTime, isSilent: Bool) -> SampleEvent {
    isJudged = true
    return SoundWatch.probe(at: at, isSilent: isSilent)
  }

  private static func probe(at: BootTime, isSilent: Bool) -> SampleEvent {
    SampleEvent(at: at, kind: .probe, value1: -1, value2: -1, value3: isSilent ? 1 : 0)
  }

  private static func time(_ unit: AccessUnit) -> Int64 { unit.pts.nanoseconds }
  private static func length(_ units: [AccessUnit]) -> Nanoseconds {
    guard let first = units.first, let last = units.last else { return .zero }
    return Nanoseconds(time(last) &- time(first))
  }
}
