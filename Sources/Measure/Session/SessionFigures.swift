public import Model

/// Makes a session's figures from its samples, one by one, in the order of its file. The live meter feeds it and so does recomputation: there is no
/// second implementation that could differ.
///
/// The first record is a second sample at the session's start. A window begins and ends at second samples; the frames in it are those between these samples in the file's order. It closes at the first second
/// sample that lies 60 s or more after its beginning, at the second sample before a step of the wall clock, and at the session's end.
public struct SessionFigures: Sendable {
  /// Of every window but the last.
  public static let windowLength = Nanoseconds.seconds(60)

  /// What was true at a second sample.
  private struct Mark: Sendable {
    var second: SecondSample
    var frames: FrameTotals
    var framesExpected: Int64?
    var audioFrames: Int64
    var delaysEnd: Int
    var transitsEnd: Int
    var longestGOP: Int64
    var reorderDepth: Int64
    var leastDelay: Int64?
    var content: ContentFigures.Totals
    /// Of the sound since the mark before.
    var soundPeak: Int64?
  }

  /// What the samples are of.
  public let header: SampleHeader
  /// The track whose frames are judged: the first picture track, else the first audio track.
  public let primary: SampleTrack?
  /// Of the picture track; of the audio track where there is no picture.
  public private(set) var frames: FrameMeter
  /// Whether the session ended; records after that have no effect.
  public private(set) var isClosed = false

  private var audioTracks: Int
  private var audioFrames: Int64 = 0
  private var marks = Ring<Mark>()
  /// Absolute index of the mark with which the open window began, and how many windows are done.
  private var opened = 0
  private var windows: Int64 = 0
  /// The reorder depth of the last window that is done, alone.
  private var depthBefore: Int64 = 0
  private var nominal: Int64?
  private var width: Int64?
  private var height: Int64?
  private var content = ContentFigures()
  private var transits = Ring<TransitTime>()

  public init(header: SampleHeader) {
    self.header = header
    primary = header.tracks.first { $0.codec.isVideo } ?? header.tracks.first
    audioTracks = header.tracks.count { !$0.codec.isVideo }
    nominal = primary?.nominalFrameRateMilli
    width = primary?.width
    height = primary?.height
    frames = FrameMeter(clockRate: primary?.clockRate ?? 90_000, nominalFrameRateMilli: nominal)
  }

  /// The newest second sample; an empty one before the first.
  public var newest: SecondSample { marks.last?.second ?? SecondSample(at: header.started, tracks: []) }

  /// - Returns: the window that this record closed.
  public mutating func apply(_ record: SampleRecord) -> QualityWindow? {
    guard !isClosed else { return nil }
    switch record {
    case .frame(let frame):
      apply(frame)
      return nil
    case .second(let second): return apply(second)
    case .event(let event): return apply(event)
    }
  }

  /// The last 60 s up to the newest second sample; nil before the second one.
  public var lastWindow: QualityWindow? {
    guard let last = marks.last else { return nil }
    let since = last.second.at - SessionFigures.windowLength
    var first = marks.end - 1
    while first > marks.start, let mark = marks[absolute: first], mark.second.at > since { first -= 1 }
    return window(from: first, index: -1)
  }

  private mutating func apply(_ frame: FrameSample) {
    if frame.track == primary?.index { frames.frame(frame) }
    if header.tracks.contains(where: { $0.index == frame.track && !$0.codec.isVideo }) { audioFrames &+= 1 }
  }

  private mutating func apply(_ second: SecondSample) -> QualityWindow? {
    guard let last = marks.last, let open = marks[absolute: opened] else {
      mark(second, least: nil)
      return nil
    }
    let least = frames.delays.elements(from: last.delaysEnd, to: frames.delays.end).min()
    let windowLeast = [least, leastDelay].compactMap { $0 }.min()
    frames.advance(to: second.at, elapsed: second.at - last.second.at, leastDelay: windowLeast)
    mark(second, least: least)
    guard second.at - open.second.at >= SessionFigures.windowLength else {
      prune()
      return nil
    }
    return closeWindow()
  }

  private mutating func mark(_ second: SecondSample, least: Int64?) {
    marks.append(
      Mark(
        second: second, frames: frames.totals, framesExpected: frames.framesExpected(before: second.at), audioFrames: audioFrames,
        delaysEnd: frames.delays.end, transitsEnd: transits.end, longestGOP: frames.removeLongestGOP(),
        reorderDepth: frames.removeReorderDepth(), leastDelay: least, content: content.totals, soundPeak: content.removePeak()))
  }

  private mutating func apply(_ event: SampleEvent) -> QualityWindow? {
    switch event.kind {
    case .trackFormat:
      guard event.track == primary?.index else { return nil }
      width = event.value1 > 0 ? event.value1 : nil
      height = event.value2 > 0 ? event.value2 : nil
      nominal = event.value3 > 0 ? event.value3 : nil
      frames.changeNominal(frameRateMilli: nominal, at: event.at)
      return nil
    case .probe:
      content.probe(event)
      return nil
    case .look:
      content.look(event)
      return nil
    case .sound:
      content.sound(event)
      return nil
    case .transit:
      transits.append(TransitTime(event))
      return nil
    case .clockStep: return closeWindow()
    case .closed:
      isClosed = true
      return closeWindow()
    }
  }

  /// Closes the open window at the newest mark; nil when it would be empty.
  private mutating func closeWindow() -> QualityWindow? {
    guard let window = window(from: opened, index: windows) else { return nil }
    depthBefore = (opened + 1..<marks.end).compactMap { marks[absolute: $0]?.reorderDepth }.max() ?? 0
    opened = marks.end - 1
    windows &+= 1
    prune()
    return window
  }

  /// Keeps what the open window and the last 60 s need.
  private mutating func prune() {
    guard let newest = marks.last?.second.at else { return }
    let since = newest - SessionFigures.windowLength
    while marks.start < opened, let next = marks[absolute: marks.start + 1], next.second.at <= since { marks.removeFirst() }
    guard let first = marks.first else { return }
    frames.forget(delaysBefore: first.delaysEnd, freezesBefore: first.second.at)
    content.forget(before: first.second.at)
    transits.removeAll(before: first.transitsEnd)
  }

  private var leastDelay: Int64? {
    var least: Int64?
    for index in marks.start..<marks.end {
      if let value = marks[absolute: index]?.leastDelay { least = min(least ?? value, value) }
    }
    return least
  }

  /// The window from a mark to the newest one.
  private func window(from first: Int, index: Int64) -> QualityWindow? {
    guard let a = marks[absolute: first], let b = marks.last, marks.end - 1 > first else { return nil }
    var window = QualityWindow(
      stream: header.stream, hop: header.hop, session: header.session, method: header.method, index: index, from: a.second.at,
      to: b.second.at)
    for counters in b.second.tracks { window.add(counters, since: a.second.tracks.first { $0.track == counters.track }) }
    let between = (first + 1..<marks.end).compactMap { marks[absolute: $0] }
    fillJitter(&window, a, b, between)
    window.delayVariation = Quantiles(variationOf: frames.delays.elements(from: a.delaysEnd, to: b.delaysEnd))
    let passed = transits.elements(from: a.transitsEnd, to: b.transitsEnd)
    window.oneWayDelayLow = Quantiles(passed.map(\.low))
    window.oneWayDelayHigh = Quantiles(passed.map(\.high))
    window.roundTrip = Quantiles(between.compactMap(\.second.roundTripNs))
    window.frames = b.frames.since(a.frames)
    window.hasSeenKey = b.frames.keys > 0
    let expectedBefore = a.framesExpected ?? frames.framesExpected(before: a.second.at) ?? 0
    window.framesExpected = b.framesExpected.map { max(0, $0 &- expectedBefore) }
    window.gopFrames = frames.gopFrames > 0 ? frames.gopFrames : nil
    window.longestGOPFrames = between.map(\.longestGOP).max().flatMap { $0 > 0 ? $0 : nil }
    window.reorderDepthNs = max(between.map(\.reorderDepth).max() ?? 0, depthBefore)
    window.audioFrames = audioTracks > 0 ? b.audioFrames &- a.audioFrames : nil
    window.addFreezes(frames.playout)
    window.nominalFrameRateMilli = nominal
    window.width = width
    window.height = height
    content.fill(&window)
    window.looks = b.content.looks &- a.content.looks
    window.darkLooks = b.content.darkLooks &- a.content.darkLooks
    window.soundPeakMilliDecibel = between.compactMap(\.soundPeak).max()
    window.observer = ObserverFigures(
      probeLagP99Ns: between.compactMap(\.second.observer.probeLagP99Ns).max(),
      readings: between.reduce(0) { $0 &+ $1.second.observer.readings },
      lateReadings: between.reduce(0) { $0 &+ $1.second.observer.lateReadings },
      receiveBufferErrors: max(0, b.second.observer.receiveBufferErrors &- a.second.observer.receiveBufferErrors),
      cpuPressurePPM: between.compactMap(\.second.observer.cpuPressurePPM).max())
    return window
  }

  private func fillJitter(_ window: inout QualityWindow, _ a: Mark, _ b: Mark, _ between: [Mark]) {
    guard let track = primary?.index, let end = b.second.tracks.first(where: { $0.track == track }) else { return }
    let begin = a.second.tracks.first { $0.track == track }
    let count = end.jitterCount &- (begin?.jitterCount ?? 0)
    guard count > 0 else { return }
    window.jitterMeanNs = Rounding.halfEven(Int128(end.jitterSumNs &- (begin?.jitterSumNs ?? 0)), by: Int128(count))
    window.jitterMaximumNs = between.compactMap { mark in mark.second.tracks.first { $0.track == track }?.jitterMaxNs }.max()
  }
}

extension QualityWindow {
  fileprivate mutating func add(_ now: TrackCounters, since before: TrackCounters?) {
    let then = before ?? TrackCounters(track: now.track)
    packetsExpected &+= now.packetsExpected &- then.packetsExpected
    packetsReceived &+= now.packetsReceived &- then.packetsReceived
    packetsDuplicated &+= now.packetsDuplicated &- then.packetsDuplicated
    packetsReordered &+= now.packetsReordered &- then.packetsReordered
    packetsLate &+= now.packetsLate &- then.packetsLate
    packetsDiscarded &+= now.packetsDiscarded &- then.packetsDiscarded
    packetsRecovered &+= now.packetsRecovered &- then.packetsRecovered
    bytesReceived &+= now.bytesReceived &- then.bytesReceived
    packetsDecided &+= now.packetsDecided &- then.packetsDecided
    decidedLost &+= now.decidedLost &- then.decidedLost
    bursts &+= now.bursts &- then.bursts
    burstPackets &+= now.burstPackets &- then.burstPackets
    burstLost &+= now.burstLost &- then.burstLost
    sequenceRestarts &+= now.restarts &- then.restarts
  }

  /// Freezes that overlap the window: their part inside counts for the total; the longest is measured from its beginning, wherever that was, so
  /// that a window's edge cannot hide a long one.
  fileprivate mutating func addFreezes(_ playout: PlayoutClock) {
    let ended = playout.intervals.elements(from: playout.intervals.start, to: playout.intervals.end)
    for freeze in ended + [playout.openFreeze(at: to)].compactMap({ $0 }) {
      let end = min(freeze.to, to)
      let inside = end - max(freeze.from, from)
      guard inside > .zero else { continue }
      freezeCount &+= 1
      freezeNs &+= inside.value
      longestFreezeNs = max(longestFreezeNs, (end - freeze.from).value)
      if end - freeze.from > PlayoutClock.pause { pauseCount &+= 1 }
    }
  }
}

extension FrameTotals {
  /// What came after an earlier state.
  func since(_ before: FrameTotals) -> FrameTotals {
    var change = self
    change.received &-= before.received
    change.clean &-= before.clean
    change.damaged &-= before.damaged
    change.keys &-= before.keys
    change.bytes &-= before.bytes
    change.reordered &-= before.reordered
    change.timestampJumps &-= before.timestampJumps
    change.shown &-= before.shown
    change.late &-= before.late
    return change
  }
}
