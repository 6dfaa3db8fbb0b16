import FirstFrameTesting
import Model
import Testing

@testable import Measure

@Suite("A session's windows come from its samples alone")
struct SessionMeterTests {
  struct Run {
    var meter: SessionMeter
    var windows: [QualityWindow]
    var records: [SampleRecord]
    var end: BootTime
  }

  /// Plays packets and frames into a meter in order of time, with a tick a second, and closes it.
  static func run(
    _ packets: [Traffic.Packet], _ frames: [FrameSample], header: SampleHeader, roundTripNs: Int64? = 20_000_000,
    lag: Nanoseconds = .milliseconds(1), errors: (Int) -> Int64 = { _ in 0 }, stepAt: Int? = nil, linger: Int64 = 0
  ) -> Run {
    var meter = SessionMeter(header: header)
    var windows: [QualityWindow] = []
    var records: [SampleRecord] = []
    var at = header.started
    var second = 0
    func tickUntil(_ now: BootTime) {
      while at + .seconds(1) <= now {
        at = at + .seconds(1)
        second += 1
        if let roundTripNs { meter.roundTrip(Nanoseconds(roundTripNs), at: at) }
        if let window = meter.tick(at: at, receiveBufferErrors: errors(second)) { windows.append(window) }
        if second == stepAt { windows += meter.clockStepped(by: .seconds(3600), at: at + .milliseconds(1)) }
        records += meter.removeRecords()
      }
    }
    var next = 0
    for packet in packets {
      while next < frames.count, frames[next].lastArrival < packet.arrival {
        tickUntil(frames[next].lastArrival)
        meter.frame(frames[next])
        next += 1
      }
      tickUntil(packet.arrival)
      meter.packet(
        track: 0, sequenceNumber: UInt16(truncatingIfNeeded: packet.extended), timestamp: packet.timestamp, arrival: packet.arrival,
        bytes: 1000)
      meter.read(lag: lag)
    }
    for frame in frames[next...] {
      tickUntil(frame.lastArrival)
      meter.frame(frame)
    }
    let end = (frames.last?.lastArrival ?? header.started) + Nanoseconds(linger)
    tickUntil(end)
    windows += meter.close(at: end)
    records += meter.removeRecords()
    return Run(meter: meter, windows: windows, records: records, end: end)
  }

  private func run(seed: UInt64, frames: Int, stepAt: Int? = nil) -> (Run, Traffic, [Traffic.Packet]) {
    var random = Mutator(seed: seed)
    var traffic = Traffic()
    traffic.loss = [0, 0.001, 0.02][Int(seed % 3)]
    traffic.duplication = 0.01
    traffic.jitterNs = [0, 30_000_000][Int(seed % 2)]
    let packets = traffic.packets(frames: frames, using: &random)
    let samples = traffic.frames(of: packets)
    return (SessionMeterTests.run(packets, samples, header: Traffic.header(), stepAt: stepAt), traffic, packets)
  }

  @Test("Rebuilt windows are identical to the live ones on random links", arguments: 0..<8)
  func rebuilt(seed: UInt64) {
    let (live, _, _) = run(seed: seed, frames: 25 * 150, stepAt: seed % 4 == 0 ? 70 : nil)
    #expect(live.windows.count == (seed % 4 == 0 ? 4 : 3))
    let rebuilt = QualityWindow.rebuild(from: live.records, header: Traffic.header())
    #expect(rebuilt == live.windows)
    #expect(rebuilt.map(\.fields) == live.windows.map(\.fields))
    // Samples that were touched give other figures: the comparison can fail.
    var touched = live.records
    touched.removeAll { if case .frame(let frame) = $0 { frame.number == 700 || frame.number == 701 } else { false } }
    #expect(QualityWindow.rebuild(from: touched, header: Traffic.header()) != live.windows)
  }

  @Test("Windows lie end to end, cover the session, and their counts add up to it")
  func endToEnd() {
    let (live, _, packets) = run(seed: 4, frames: 25 * 150)
    for (a, b) in zip(live.windows, live.windows.dropFirst()) { #expect(a.to == b.from) }
    #expect(live.windows.first?.from == Traffic.header().started)
    #expect(live.windows.last?.to == live.end)
    #expect(live.windows.map(\.index) == [0, 1, 2])
    let quality = live.meter.inbound(at: live.end)
    #expect(live.windows.reduce(0) { $0 + $1.packetsLost } == quality.packetsLost)
    #expect(live.windows.reduce(0) { $0 + $1.packetsExpected } == quality.packetsExpected)
    #expect(live.windows.reduce(0) { $0 + $1.frames.received } == quality.framesReceived)
    #expect(live.windows.reduce(0) { $0 + ($1.framesExpected ?? 0) } == quality.framesExpected)
    #expect(live.windows.reduce(0) { $0 + $1.bytesReceived } == quality.bytesReceived)
    #expect(quality.packetsDuplicated > 0)
    #expect(quality.bytesReceived == Int64(packets.count) * 1000)
  }

  @Test("Delay variation of a window is that of its frames' first packets")
  func delayVariation() {
    let (live, traffic, packets) = run(seed: 5, frames: 25 * 65)
    let frames = traffic.frames(of: packets)
    guard let window = live.windows.first else { return #expect(Bool(false), "no window") }
    var inside: [Int64] = []
    for frame in frames where frame.lastArrival < window.to {
      inside.append(frame.firstArrival.nanoseconds - MediaTime(value: frame.timestamp, timescale: 90_000).nanoseconds)
    }
    let least = inside.min() ?? 0
    let sorted = inside.map { $0 - least }.sorted()
    #expect(window.delayVariation?.count == Int64(sorted.count))
    let rank = (sorted.count * 95 + 99) / 100
    #expect(window.delayVariation?.p95 == sorted[rank - 1])
    #expect((window.delayVariation?.p95 ?? 0) > 20_000_000)
  }

  @Test("The sliding window of the API is the last 60 s")
  func sliding() {
    let (live, _, _) = run(seed: 3, frames: 25 * 100)
    guard let window = live.meter.figures.lastWindow else { return #expect(Bool(false), "no window") }
    #expect(window.index == -1)
    #expect(window.to == live.end)
    #expect(window.span >= .seconds(60) && window.span < .seconds(62))
    #expect((window.framesExpected ?? 0) >= 1500 && (window.framesExpected ?? 0) < 1550)
    #expect(abs((window.framesExpected ?? 0) - window.frames.received) <= 1)
  }

  @Test("A freeze across a window's edge is split in total and whole in length")
  func freezeAcrossEdge() {
    // Play-out freezes from 59.0 s to 63.04 s after the start of play-out, the window's edge lies in it.
    let frames = (0..<1450).map { steadyFrame($0) } + (1550..<1800).map { steadyFrame($0) }
    let header = Traffic.header(started: seconds(1))
    let live = SessionMeterTests.run([], frames, header: header)
    #expect(live.windows.count == 2)
    let total = 101 * 40_000_000 as Int64
    #expect(live.windows[0].freezeNs + live.windows[1].freezeNs == total)
    #expect(live.windows[0].freezeNs > 0)
    #expect(live.windows[1].longestFreezeNs == total)
    #expect(live.windows.map(\.freezeCount) == [1, 1])
    let quality = live.meter.inbound(at: live.end)
    #expect(quality.freezeCount == 1)
    #expect(quality.freezeSeconds == 4.04)
  }

  @Test("An outage counts in the expected frames, and a freeze under way is told while it lasts")
  func outageNow() {
    let frames = (0..<500).map { steadyFrame($0) }
    var meter = SessionMeter(header: Traffic.header(started: seconds(1)))
    for frame in frames { meter.frame(frame) }
    let quality = meter.inbound(at: seconds(31))
    #expect(quality.framesExpected == 750)
    #expect(quality.framesReceived == 500)
    #expect(quality.freezeCount == 1)
    #expect(quality.freezeSeconds == 9.04)
    #expect(quality.pauseCount == 1)
    // Reading changed nothing.
    #expect(meter.inbound(at: seconds(31)) == quality)
  }

  @Test("Lag above 20 ms or one receive-buffer error limits the observer")
  func observer() {
    let frames = (0..<1550).map { steadyFrame($0) }
    let packets = frames.map {
      Traffic.Packet(extended: Int64($0.number), timestamp: UInt32($0.timestamp), arrival: $0.firstArrival, frame: 0, isLastOfFrame: true)
    }
    func window(lag: Nanoseconds, errors: @escaping (Int) -> Int64) -> QualityWindow? {
      SessionMeterTests.run(packets, frames, header: Traffic.header(started: seconds(1)), lag: lag, errors: errors).windows.first
    }
    #expect(window(lag: .milliseconds(20)) { _ in 0 }?.observer.isLimited == false)
    #expect(window(lag: .milliseconds(20)) { _ in 0 }?.observer.probeLagP99Ns == 20_000_000)
    #expect(window(lag: Nanoseconds(20_000_001)) { _ in 0 }?.observer.isLimited == true)
    #expect(window(lag: .milliseconds(500)) { _ in 0 }?.observer.probeLagP99Ns == 500_000_000)
    #expect(window(lag: .milliseconds(1)) { $0 < 30 ? 0 : 1 }?.observer.isLimited == true)
    // Errors from before the session are not its own.
    #expect(window(lag: .milliseconds(1)) { _ in 0 }?.observer.receiveBufferErrors == 0)
  }

  @Test("The 99th percentile of lags is that of a sorted list, up to its 0.25 ms", arguments: 0..<10)
  func lagPercentile(seed: UInt64) {
    var random = Mutator(seed: seed)
    var health = ObserverHealth()
    let lags = (0..<Int.random(in: 1...2000, using: &random)).map { _ in Int64.random(in: 0...60_000_000, using: &random) }
    for lag in lags { health.read(lag: Nanoseconds(lag)) }
    let exact = lags.sorted()[(lags.count * 99 + 99) / 100 - 1]
    let sample = health.removeSecond()
    let taken = sample.probeLagP99Ns ?? -1
    let most = lags.max() ?? 0
    #expect(taken >= exact)
    #expect(exact > 32_000_000 ? taken == most : taken - exact <= 250_000)
    #expect(sample.readings == Int64(lags.count) && sample.lateReadings == Int64(lags.count { $0 > 20_000_000 }))
    #expect(health.removeSecond() == ObserverSample())
  }

  @Test("Over TCP reordering is null, and RTMP has bytes and frames only")
  func overTCP() throws {
    var meter = SessionMeter(header: Traffic.header(mediaProtocol: .rtmp, started: seconds(1)))
    for index in 0..<50 {
      meter.bytes(500, track: 0)
      meter.frame(steadyFrame(index))
    }
    let quality = meter.inbound(at: seconds(3))
    #expect(quality.packetsReordered == nil)
    #expect(quality.jitterMilliseconds == nil)
    #expect(quality.bytesReceived == 25_000)
    #expect(quality.framesReceived == 50)
    #expect(quality.framesClean == 50)
    #expect(quality.window?.residualLossRatio == nil)
  }

  @Test("After its close a session takes nothing more")
  func closed() {
    var meter = SessionMeter(header: Traffic.header(started: seconds(1)))
    for index in 0..<50 { meter.frame(steadyFrame(index)) }
    #expect(meter.close(at: seconds(3)).count == 1)
    #expect(meter.tick(at: seconds(70)) == nil)
    meter.frame(steadyFrame(50))
    #expect(meter.inbound(at: seconds(71)).framesReceived == 50)
    #expect(meter.figures.isClosed)
  }

  @Test("Size and rate that become known late hold for the frames before")
  func lateFormat() {
    var header = Traffic.header(nominal: nil, started: seconds(1), width: nil, height: nil)
    header.tracks[0].nominalFrameRateMilli = nil
    var meter = SessionMeter(header: header)
    for index in 0..<50 { meter.frame(steadyFrame(index)) }
    #expect(meter.inbound(at: seconds(3)).framesExpected == nil)
    meter.trackFormat(0, width: 1280, height: 720, nominalFrameRateMilli: 25_000, at: seconds(3))
    #expect(meter.inbound(at: seconds(3)).framesExpected == 50)
    #expect(meter.inbound(at: seconds(3)).window?.width == 1280)
    let rebuilt = QualityWindow.rebuild(from: meter.removeRecords() + [.event(SampleEvent(at: seconds(4), kind: .closed))], header: header)
    #expect(rebuilt.isEmpty, "one second sample makes no window")
  }

  @Test("What a reader is sent, drops and reports is counted")
  func outbound() {
    var meter = OutboundMeter(method: .rtp, hop: .viewer, session: "r1")
    #expect(meter.quality.packetsSent == nil)
    meter.sent(bytes: 3000, packets: 3, frames: 1)
    meter.dropped(frames: 4)
    meter.dropped(frames: 2)
    meter.sent(bytes: 1000, packets: 1, frames: 1)
    meter.dropped(frames: 1)
    meter.report(
      ReportBlock(fractionLost: 64, cumulativeLost: 5, extendedHighestSequenceNumber: 9, jitter: 900), track: 0, clockRate: 90_000)
    meter.roundTrip(.milliseconds(12), method: "rtcp-rr")
    let quality = meter.quality
    #expect(quality.bytesSent == 4000)
    #expect(quality.packetsSent == 4)
    #expect(quality.framesSent == 2)
    #expect(quality.framesDropped == 7)
    #expect(quality.dropEpisodes == 2)
    #expect(quality.packetsLost == 5)
    #expect(quality.lossRatio == 0.25)
    #expect(quality.jitterMilliseconds == 10)
    #expect(quality.roundTripMilliseconds == 12)
  }
}
