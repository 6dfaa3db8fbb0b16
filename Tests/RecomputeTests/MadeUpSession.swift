import FirstFrameTesting
import Model

/// A session's samples over a link and from a camera that do anything: what is measured must be the same whoever measures, not sensible.
struct MadeUpSession {
  let header: SampleHeader
  private(set) var records: [SampleRecord] = []
  private var random: Mutator
  private var counters: [TrackCounters]
  private var now: Int64
  private var number: UInt64 = 1
  private var stamp: Int64
  private var lastProbe: Int64
  /// What goes wrong at all goes wrong a hundred times as seldom.
  private let isCalm: Bool

  /// - Parameter seconds: how long it lasts, more or less.
  init(_ header: SampleHeader, seconds: Int, isCalm: Bool, seed: UInt64) {
    self.header = header
    self.isCalm = isCalm
    random = Mutator(seed: seed)
    counters = header.tracks.map { TrackCounters(track: $0.index) }
    now = header.started.nanoseconds
    stamp = Int64.random(in: -500_000...8_000_000_000, using: &random)
    lastProbe = now
    second()
    for _ in 0..<seconds { aSecond() }
    if often(0.8) {
      for index in counters.indices { counters[index].packetsDecided += 20 }
      second()
      records.append(.event(SampleEvent(at: BootTime(nanoseconds: now), kind: .closed)))
    }
  }

  private mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &random) < share * (isCalm ? 0.01 : 1) }
  private mutating func often(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &random) < share }
  private mutating func some(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &random) }

  private mutating func aSecond() {
    let outage = chance(0.04)
    let rate = chance(0.1) ? some(1...60) : 25
    let begin = now
    for track in header.tracks where !outage {
      let count = track.codec.isVideo ? rate : 20
      for index in 0..<count {
        frame(track, at: begin + index * 1_000_000_000 / count, step: Int64(track.clockRate) / count)
        if chance(0.01) { event() }
      }
    }
    if outage, often(0.5) { stamp += 90_000 }
    now = begin + (chance(0.03) ? some(2_000_000_000...70_000_000_000) : some(990_000_000...1_010_000_000))
    second()
    if chance(0.01) { records.append(.event(SampleEvent(at: BootTime(nanoseconds: now), kind: .clockStep, value1: some(-9...9)))) }
  }

  private mutating func frame(_ track: SampleTrack, at time: Int64, step: Int64) {
    let position = header.tracks.firstIndex { $0.index == track.index } ?? 0
    stamp += step
    if chance(0.002) { stamp += some(-20...20) * 90_000 }
    var flags: AccessUnit.Flags = often(0.05) ? [.key] : []
    if !chance(0.03) { flags.insert(.clean) } else if chance(0.5) { flags.insert(.damaged) }
    if chance(0.003) { flags.insert(.discontinuity) }
    let first = time + some(0...(chance(0.02) ? 1_500_000_000 : 40_000_000))
    let packets = some(0...9)
    records.append(
      .frame(
        FrameSample(
          track: track.index, number: number, timestamp: chance(0.05) ? stamp - some(0...9000) : stamp,
          firstArrival: BootTime(nanoseconds: first),
          lastArrival: BootTime(nanoseconds: first + some(0...(chance(0.02) ? 1_400_000_000 : 9_000_000))),
          size: some(0...60_000), packets: packets, flags: flags)))
    number += 1
    let lost = chance(0.01) ? some(0...30) : 0
    counters[position].packetsExpected += packets + lost
    counters[position].packetsReceived += packets
    counters[position].packetsDuplicated += chance(0.02) ? 1 : 0
    counters[position].packetsReordered += chance(0.02) ? some(1...4) : 0
    counters[position].packetsLate += chance(0.005) ? 1 : 0
    counters[position].packetsDiscarded += chance(0.005) ? 1 : 0
    counters[position].packetsRecovered += chance(0.01) ? 1 : 0
    counters[position].bytesReceived += packets * 1200
    counters[position].jitterNs = some(0...3_000_000)
    counters[position].jitterSumNs += counters[position].jitterNs
    counters[position].jitterCount += packets > 0 ? 1 : 0
    counters[position].jitterMaxNs = max(counters[position].jitterMaxNs, counters[position].jitterNs)
    counters[position].packetsDecided += packets
    if lost > 1 {
      counters[position].bursts += 1
      counters[position].burstPackets += lost + 3
      counters[position].burstLost += lost
    }
    counters[position].decidedLost += lost
    counters[position].restarts += chance(0.001) ? 1 : 0
  }

  private mutating func event() {
    let at = BootTime(nanoseconds: now + some(0...900_000_000))
    let track = header.tracks.randomElement(using: &random)?.index ?? 0
    switch some(0...6) {
    case 6:
      // Mostly less than a second, bounds tens of milliseconds apart; sometimes longer than allowed, or before it left.
      let ahead = header.started.nanoseconds % 1000 * 1_000_000_007
      let delay = some(0...(isCalm ? 900_000_000 : 2_600_000_000)) - (isCalm ? 0 : 200_000_000)
      let isWild = chance(0.05)
      records.append(
        .event(
          SampleEvent(
            at: at, kind: .transit, track: track, value1: isWild ? some(.min ... .max) : at.nanoseconds - delay + ahead,
            value2: isWild ? some(.min ... .max) : ahead - some(0...60_000_000), value3: ahead + some(0...60_000_000))))
    case 0:
      let rates: [Int64] = [0, 12_500, 25_000, 30_000, 29_970, 2_000_000]
      records.append(
        .event(
          SampleEvent(
            at: at, kind: .trackFormat, track: track, value1: [0, 640, 1280, 720][Int(some(0...3))],
            value2: [0, 360, 720, 1280][Int(some(0...3))], value3: rates[Int(some(0...5))])))
    case 1, 2, 3:
      lastProbe = max(lastProbe, at.nanoseconds - some(0...3_000_000_000))
      records.append(
        .event(
          SampleEvent(
            at: BootTime(nanoseconds: lastProbe), kind: .probe, track: track, value1: some(-1...1), value2: some(-1...1), value3: some(-1...1))))
    case 4:
      records.append(
        .event(SampleEvent(at: at, kind: .look, track: track, value1: some(970...1000), value2: some(0...200), value3: some(-1...2000))))
    default:
      records.append(.event(SampleEvent(at: at, kind: .sound, track: track, value1: 250_000_000, value2: some(-200_000...0))))
    }
  }

  private mutating func second() {
    var observer = ObserverSample()
    observer.receiveBufferErrors = chance(0.004) ? 1 : 0
    if case .second(let last)? = records.last(where: { if case .second = $0 { true } else { false } }) {
      observer.receiveBufferErrors += last.observer.receiveBufferErrors
    }
    if often(0.7) {
      observer.probeLagP99Ns = some(0...(chance(0.01) ? 40_000_000 : 2_000_000))
      observer.readings = some(1...300)
      observer.lateReadings = chance(0.02) ? some(0...observer.readings) : 0
    }
    if often(0.7) { observer.cpuPressurePPM = some(0...400_000) }
    records.append(
      .second(
        SecondSample(
          at: BootTime(nanoseconds: now), tracks: counters, roundTripNs: often(0.6) ? some(1...(isCalm ? 90_000_000 : 1_200_000_000)) : nil,
          observer: observer)))
    for index in counters.indices { counters[index].jitterMaxNs = 0 }
  }
}
