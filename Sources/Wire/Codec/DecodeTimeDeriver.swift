public import Model

/// Gives units that have only presentation times (RTP) the decode times that RTMP wants: strictly increasing, never after the presentation.
///
/// With a reorder depth of D frames the decode times are the presentation times in order, D units late: unit i decodes when the picture
/// D places before it in output order is shown. D is the SPS's; where that says none it is learned: a jump in presentation time holds the
/// decode times back until it is known whether the pictures in between follow or are missing. Without reordering D is 0 and both are equal.
public struct DecodeTimeDeriver: Sendable {
  /// Units after which a depth that nothing declared counts as learned.
  private static let learningUnits = 100
  private static let deepest = 16

  private var depth = 0
  private var isDeclared = false
  private var deepest = DecodeTimeDeriver.deepest
  /// How much deeper the reordering may turn out, while a jump is unexplained.
  private var suspected = 0
  private var unitsSeen = 0
  private var timescale: Int32 = 0
  private var nominalRateMilli: Int?
  /// The smallest step between units so far, in ticks.
  private var smallestStep: Int64?
  /// Presentation times that no decode time was made of yet, in order.
  private var waiting: [Int64] = []
  /// The newest presentation times, in decode order.
  private var recent: [Int64] = []
  private var lastRemoved: Int64 = 0
  private var lastDecode: Int64?

  /// - Parameter track: its SPS, where it has one, says how deep pictures are reordered.
  public init(track: Track) {
    waiting.reserveCapacity(DecodeTimeDeriver.deepest * 2 + 2)
    recent.reserveCapacity(DecodeTimeDeriver.deepest + 2)
    update(track)
  }

  /// The publisher's parameters changed.
  public mutating func update(_ track: Track) {
    nominalRateMilli = track.nominalFrameRateMilli
    unitsSeen = 0
    switch track.parameters {
    case .h264(let sps, _):
      let parsed = sps.first.flatMap { H264SPS(nal: $0) }
      isDeclared = parsed?.reorderFrames != nil
      deepest = parsed?.maximumReorderFrames ?? DecodeTimeDeriver.deepest
      if let declared = parsed?.reorderFrames { raise(to: declared) }
    case .h265(_, let sps, _):
      let parsed = sps.first.flatMap { H265SPS(nal: $0) }
      isDeclared = parsed != nil
      if let declared = parsed?.reorderPictures { raise(to: declared) }
    default:
      isDeclared = !track.codec.isVideo
    }
  }

  /// The decode time of the next unit in decode order, in its own timescale. Nil when none can be: a picture to be shown before what was
  /// already given out (a leading picture after an open-GOP start); leave it out.
  public mutating func decodeTime(of unit: AccessUnit) -> MediaTime? {
    let time = unit.pts.value
    let tenSeconds = Int64(unit.pts.timescale) &* 10
    if let last = lastDecode, unit.pts.timescale == timescale, time > last &- tenSeconds {
      guard let decode = place(time, after: last) else { return nil }
      return MediaTime(value: decode, timescale: timescale)
    }
    // The first unit, or a time line that began again.
    timescale = unit.pts.timescale
    return MediaTime(value: start(at: time), timescale: timescale)
  }

  private mutating func start(at time: Int64) -> Int64 {
    unitsSeen = 1
    suspected = 0
    smallestStep = nil
    recent.removeAll(keepingCapacity: true)
    recent.append(time)
    waiting.removeAll(keepingCapacity: true)
    for place in 0..<depth { waiting.append(time &- Int64(depth &- place) &* frameTicks(orElse: 25)) }
    waiting.append(time)
    lastRemoved = waiting.removeFirst()
    lastDecode = lastRemoved
    return lastRemoved
  }

  private mutating func place(_ time: Int64, after last: Int64) -> Int64? {
    observe(time)
    guard time > last else { return nil }
    if suspected > depth, time > waiting.last ?? .min { dismissSuspicion() }
    waiting.insert(time, at: waiting.firstIndex { $0 > time } ?? waiting.endIndex)
    // Held back: one millisecond on, below every picture that may still come.
    let held = max(last, min(lastRemoved, time &- 1))
    var decode = held &+ min(Int64(max(1, timescale / 1000)), time &- held)
    if waiting.count > max(depth, suspected), let first = waiting.first {
      if isSuspicious(first) {
        suspected = max(depth, suspected) &+ 1
      } else {
        waiting.removeFirst()
        lastRemoved = first
        if first > last { decode = first }
      }
    }
    lastDecode = decode
    return decode
  }

  /// Learns the depth (how many earlier units are shown later than this one) and the step.
  private mutating func observe(_ time: Int64) {
    unitsSeen &+= 1
    var later = 0
    for other in recent {
      if other > time { later &+= 1 }
      let step = other > time ? other &- time : time &- other
      if step > 0 { smallestStep = min(step, smallestStep ?? step) }
    }
    if later > depth { raise(to: later) }
    recent.append(time)
    if recent.count > DecodeTimeDeriver.deepest { recent.removeFirst() }
  }

  private mutating func raise(to deeper: Int) { depth = max(depth, min(DecodeTimeDeriver.deepest, deeper)) }

  /// Whether pictures that are shown before this one may still come.
  private func isSuspicious(_ first: Int64) -> Bool {
    guard !isDeclared, unitsSeen < DecodeTimeDeriver.learningUnits, max(depth, suspected) < deepest else { return false }
    return first &- lastRemoved > frameTicks(orElse: 60) * 3 / 2
  }

  /// The next picture is shown later still: what seemed to follow is missing.
  private mutating func dismissSuspicion() {
    suspected = 0
    while waiting.count > depth { lastRemoved = waiting.removeFirst() }
  }

  private func frameTicks(orElse rate: Int64) -> Int64 {
    if let nominalRateMilli, nominalRateMilli > 0 {
      let ticks = max(1, Int64(timescale) * 1000 / Int64(nominalRateMilli))
      // Cameras declare fields for frames: what is seen counts more.
      return unitsSeen > 8 ? max(ticks, smallestStep ?? ticks) : ticks
    }
    if let smallestStep, unitsSeen > 3 || (unitsSeen == 3 && depth == 0) { return smallestStep }
    return max(1, Int64(timescale) / rate)
  }
}
