internal import Measure
internal import Model

/// Concludes black and frozen spans of one stream from looks at its pictures (docs/quality.md). Pure: the shell decodes what it asks for.
///
/// Looks come at key frames. Where a span begins or ends between two of them is found among the frames of that interval, if these can still be had.
struct LookWatch {
  /// One decoded picture and when its unit began to arrive.
  struct Look {
    var at: BootTime
    var darkPerMille: Int64
    var variancePPM: Int64
    var thumbnail: [UInt8]

    init(at: BootTime, _ look: FrameLook) {
      self.at = at
      darkPerMille = look.darkPerMille
      variancePPM = look.variancePPM
      thumbnail = look.thumbnail
    }

    /// The frames of an interval in order of presentation. Their instants are the arrival of the first, a key frame, and the media time from it: pictures
    /// that are sent before earlier ones (B pictures), or in a burst, are shown in their own time all the same.
    static func frames(_ looks: [FrameLook], of units: [AccessUnit]) -> [Look] {
      guard let first = units.first else { return [] }
      let base = first.pts.nanoseconds
      return looks.filter { units.indices.contains($0.position) }.map { look in
        Look(at: first.firstArrival + Nanoseconds(units[look.position].pts.nanoseconds &- base), look)
      }
    }

    var isBlack: Bool { darkPerMille >= ContentLimits.darkPerMille && variancePPM < ContentLimits.flatVariancePPM }

    /// Mean absolute difference of the thumbnails in millionths of full scale, rounded down.
    func difference(from other: Look) -> Int64 {
      let cells = min(thumbnail.count, other.thumbnail.count)
      guard cells > 0, thumbnail.count == other.thumbnail.count else { return 1_000_000 }
      var sum: Int64 = 0
      for index in 0..<cells { sum += Int64((Int16(thumbnail[index]) - Int16(other.thumbnail[index])).magnitude) }
      return sum * 1_000_000 / (Int64(cells) * 255)
    }

    func isSame(as other: Look) -> Bool { difference(from: other) <= ContentLimits.samePPM }
  }

  /// Intervals whose frames would show where an edge lies.
  struct Wanted: OptionSet {
    let rawValue: UInt8
    /// From the look before to this one.
    static let sinceLast = Wanted(rawValue: 1)
    /// That before the first look of the still stretch.
    static let beforeStill = Wanted(rawValue: 2)
  }

  struct Change {
    /// Events for the session's samples.
    var events: [SampleEvent]
    /// Another still stretch begins with the look.
    var isNewPicture: Bool
    /// The interval before the still stretch may still be wanted.
    var mayWantBefore: Bool
  }

  static let frozenAfter = Nanoseconds.seconds(10)

  private var last: Look?
  /// The first look of the stretch in which nothing moves.
  private var reference: Look?
  /// The stretch cannot have begun before this look, which was another picture's.
  private var stillFrom: BootTime?
  /// When it began, once that was searched for.
  private(set) var stillBegin: BootTime?
  private(set) var isFrozen = false
  private var frozenEnded: BootTime?

  /// What is wanted to conclude from a look; call ``conclude(_:sinceLast:beforeStill:)`` next, with it or without.
  func wanted(for look: Look) -> Wanted {
    guard let last, let reference else { return [] }
    var wanted: Wanted = []
    if look.isBlack != last.isBlack { wanted.insert(.sinceLast) }
    let mayBeLong = look.at - (stillBegin ?? stillFrom ?? reference.at) >= LookWatch.frozenAfter
    if !isFrozen, stillBegin == nil, mayBeLong { wanted.insert(.beforeStill) }
    if isFrozen || mayBeLong, !look.isSame(as: reference) { wanted.insert(.sinceLast) }
    return wanted
  }

  /// - Parameters:
  ///   - sinceLast: the frames from the look before up to this one, in order of presentation; nil when they cannot be had.
  ///   - beforeStill: those before the first look of the still stretch.
  mutating func conclude(_ look: Look, sinceLast: [Look]? = nil, beforeStill: [Look]? = nil) -> Change {
    let difference = reference.map { look.difference(from: $0) }
    var events = [
      SampleEvent(at: look.at, kind: .look, value1: look.darkPerMille, value2: look.variancePPM, value3: difference ?? -1)
    ]
    guard let last, let reference else {
      events.append(LookWatch.probe(at: look.at, black: look.isBlack, frozen: false))
      self.last = look
      self.reference = look
      return Change(events: events, isNewPicture: true, mayWantBefore: false)
    }
    if look.isBlack != last.isBlack {
      events.append(LookWatch.probe(at: LookWatch.edge(in: sinceLast, to: look) { $0.isBlack == look.isBlack }, black: look.isBlack))
    }
    if !isFrozen, stillBegin == nil, let frames = beforeStill {
      stillBegin = LookWatch.edge(in: frames, to: reference) { $0.isSame(as: reference) }
    }
    let isSame = look.isSame(as: reference)
    if isSame {
      events += stayed(look, reference)
    } else {
      events += moved(look, reference, sinceLast)
      self.reference = look
      stillFrom = last.at
      stillBegin = nil
      isFrozen = false
    }
    self.last = look
    return Change(events: events, isNewPicture: !isSame, mayWantBefore: !isFrozen && stillBegin == nil)
  }

  private mutating func stayed(_ look: Look, _ reference: Look) -> [SampleEvent] {
    guard !isFrozen else { return [] }
    let begin = begin(of: reference)
    guard look.at - begin >= LookWatch.frozenAfter else { return [] }
    isFrozen = true
    return [LookWatch.probe(at: begin, frozen: true)]
  }

  private mutating func moved(_ look: Look, _ reference: Look, _ frames: [Look]?) -> [SampleEvent] {
    let end = min(look.at, frames?.first { !$0.isSame(as: reference) }?.at ?? look.at)
    let begin = begin(of: reference)
    guard isFrozen || end - begin >= LookWatch.frozenAfter else { return [] }
    frozenEnded = end
    let ended = LookWatch.probe(at: end, frozen: false)
    return isFrozen ? [ended] : [LookWatch.probe(at: begin, frozen: true), ended]
  }

  /// Never before the end of the stretch before: three pictures can each be the same as the middle one.
  private func begin(of reference: Look) -> BootTime {
    let begin = stillBegin ?? reference.at
    return frozenEnded.map { max($0, begin) } ?? begin
  }

  /// Where the run of frames begins that are so and end with `look`.
  private static func edge(in frames: [Look]?, to look: Look, _ isSo: (Look) -> Bool) -> BootTime {
    guard let frames else { return look.at }
    guard let before = frames.lastIndex(where: { !isSo($0) }) else { return min(look.at, frames.first?.at ?? look.at) }
    return before + 1 < frames.count ? min(look.at, frames[before + 1].at) : look.at
  }

  private static func probe(at: BootTime, black: Bool? = nil, frozen: Bool? = nil) -> SampleEvent {
    func value(_ state: Bool?) -> Int64 { state.map { $0 ? 1 : 0 } ?? -1 }
    return SampleEvent(at: at, kind: .probe, value1: value(black), value2: value(frozen), value3: -1)
  }
}
