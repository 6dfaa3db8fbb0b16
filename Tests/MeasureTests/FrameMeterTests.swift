import FirstFrameTesting
import Model
import Testing

@testable import Measure

@Suite("Frames are judged on a virtual play-out one second behind")
struct FrameMeterTests {
  private func meter(_ frames: [FrameSample], nominal: Int64? = 25_000, until end: Double) -> FrameMeter {
    var meter = FrameMeter(clockRate: 90_000, nominalFrameRateMilli: nominal)
    for frame in frames { meter.frame(frame) }
    meter.advance(to: seconds(end), elapsed: .zero, leastDelay: nil)
    return meter
  }

  @Test("A steady stream shows every frame, freezes never, and every frame was expected")
  func steady() {
    let meter = meter((0..<250).map { steadyFrame($0) }, until: 12)
    #expect(meter.totals.received == 250)
    #expect(meter.totals.clean == 250)
    #expect(meter.totals.shown == 250)
    #expect(meter.playout.freezes == 0)
    #expect(meter.framesExpected(before: seconds(10.999)) == 250)
    #expect(meter.gopFrames == 25)
    #expect(meter.totals.keys == 10)
  }

  @Test("A freeze lasts from the last frame before an outage to the next IDR after it")
  func outage() {
    // Frames 60–99 are lost; from 100 on they come, but the chain is clean again only at frame 125.
    let frames = (0..<60).map { steadyFrame($0) } + (100..<250).map { steadyFrame($0, flags: $0 < 125 ? [] : nil) }
    let meter = meter(frames, until: 12)
    #expect(meter.playout.freezes == 1)
    #expect(meter.playout.frozen == Nanoseconds((125 - 59) * 40_000_000))
    #expect(meter.playout.longestFreeze == Nanoseconds((125 - 59) * 40_000_000))
    #expect(meter.playout.pauses == 0)
    #expect(meter.totals.clean == 60 + 125)
    #expect(meter.framesExpected(before: seconds(10.999)) == 250)
  }

  @Test("The threshold is the larger of 3·avg and avg + 150 ms, to the nanosecond", arguments: [(189, 0), (190, 1), (191, 1)])
  func threshold(gapMilliseconds: Int64, freezes: Int64) {
    var playout = PlayoutClock()
    playout.anchor(mediaNs: 0, arrival: seconds(1))
    var media: Int64 = 0
    for index in 0..<40 {
      if index == 35 { media += (gapMilliseconds - 40) * 1_000_000 }
      playout.unit(mediaNs: media, complete: BootTime(nanoseconds: 1_000_000_000 + media), isClean: true)
      media += 40_000_000
    }
    playout.advance(to: seconds(10))
    #expect(playout.freezes == freezes)
  }

  @Test("At 5 frames a second the threshold is three intervals", arguments: [(599, 0), (600, 1)])
  func slowThreshold(gapMilliseconds: Int64, freezes: Int64) {
    var playout = PlayoutClock()
    playout.anchor(mediaNs: 0, arrival: seconds(1))
    var media: Int64 = 0
    for index in 0..<20 {
      if index == 10 { media += (gapMilliseconds - 200) * 1_000_000 }
      playout.unit(mediaNs: media, complete: BootTime(nanoseconds: 1_000_000_000 + media), isClean: true)
      media += 200_000_000
    }
    playout.advance(to: seconds(20))
    #expect(playout.freezes == freezes)
  }

  @Test("A frame complete one nanosecond after its deadline is not shown", arguments: [(1_000_000_000, 0), (1_000_000_001, 1)])
  func deadline(delay: Int64, late: Int64) {
    let frames = (0..<50).map { $0 == 30 ? steadyFrame($0, delay: delay) : steadyFrame($0) }
    let ordered = frames.sorted { $0.lastArrival < $1.lastArrival }
    let meter = meter(ordered, until: 5)
    #expect(meter.totals.late == late)
    #expect(meter.totals.shown == 50 - late)
  }

  @Test("An interval above 5 s is a pause as well")
  func pause() {
    let meter = meter((0..<50).map { steadyFrame($0) } + (200..<260).map { steadyFrame($0) }, until: 13)
    #expect(meter.playout.pauses == 1)
    #expect(meter.playout.paused == Nanoseconds(151 * 40_000_000))
    #expect(meter.longestGap == Nanoseconds(151 * 40_000_000))
  }

  @Test("B pictures are shown in their own order, and the reordering is told")
  func reorderedPictures() {
    // Decode order I P B B: presentation 0 3 1 2, 4 7 5 6, …
    var frames: [FrameSample] = []
    for group in 0..<20 {
      for (position, shown) in [0, 3, 1, 2].enumerated() {
        var frame = steadyFrame(group * 4 + position)
        frame.timestamp = Int64(group * 4 + shown) * 3600
        frames.append(frame)
      }
    }
    let meter = meter(frames, until: 6)
    #expect(meter.totals.shown == 80)
    #expect(meter.totals.reordered == 40)
    #expect(meter.playout.freezes == 0)
  }

  @Test("However pictures are reordered, their delay variation is off by at most twice the reorder depth", arguments: UInt64(1)...40)
  func reorderDepth(seed: UInt64) throws {
    var random = Mutator(seed: seed)
    // Each reference picture is sent before the B pictures that it is needed for, and these in any order.
    var order: [Int] = [0]
    while order.count < 1500 {
      let first = order.count
      let between = Int.random(in: 0...4, using: &random)
      order.append(first + between)
      order += (first..<first + between).shuffled(using: &random)
    }
    let spread: Int64 = seed % 2 == 0 ? 5_000_000 : 300_000_000
    var figures = SessionFigures(header: Traffic.header(started: seconds(1)))
    var delays: [Int64] = []
    _ = figures.apply(.second(SecondSample(at: seconds(1), tracks: [])))
    for (sent, shown) in order.enumerated() {
      delays.append(Int64.random(in: 0...spread, using: &random))
      var frame = steadyFrame(sent, delay: delays[sent])
      frame.timestamp = Int64(shown) * 3600
      _ = figures.apply(.frame(frame))
    }
    let closed = figures.apply(.second(SecondSample(at: seconds(62), tracks: [])))
    let window = try #require(closed)
    let (told, truth) = (try #require(window.delayVariation), try #require(Quantiles(variationOf: delays)))
    let depth = zip(order.indices, order).map { (order[...$0].max() ?? 0) - $1 }.max() ?? 0
    #expect(window.reorderDepthNs == Int64(depth) * 40_000_000)
    for (one, other) in [(told.p50, truth.p50), (told.p95, truth.p95), (told.p99, truth.p99), (told.p999, truth.p999)] {
      #expect((one - other).magnitude <= 2 * window.reorderDepthNs.magnitude, "\(one) for \(other)")
    }
  }

  @Test("A device that sets its timestamps anew is followed, not taken for late for ever")
  func timestampsAnew() {
    var frames = (0..<50).map { steadyFrame($0) }
    for index in 50..<100 {
      var frame = steadyFrame(index)
      frame.timestamp += 90_000 * 5000
      frames.append(frame)
    }
    let meter = meter(frames, until: 6)
    #expect(meter.totals.timestampJumps == 1)
    #expect(meter.totals.shown == 100)
    #expect(meter.playout.freezes == 0)
  }

  @Test("A clock 100 ppm slow for ten hours makes no frame late")
  func drift() {
    var meter = FrameMeter(clockRate: 90_000, nominalFrameRateMilli: 1000)
    var before = seconds(1)
    for index in 0..<36_000 {
      let at = BootTime(nanoseconds: 1_000_000_000 + Int64(index) * 1_000_100_000)
      meter.frame(
        FrameSample(
          track: 0, number: UInt64(index), timestamp: Int64(index) * 90_000, firstArrival: at, lastArrival: at, size: 1, packets: 1,
          flags: [.key, .clean]))
      if index % 60 == 59 {
        let least = meter.delays.elements(from: meter.delays.end - 60, to: meter.delays.end).min()
        meter.advance(to: at, elapsed: at - before, leastDelay: least)
        meter.forget(delaysBefore: meter.delays.end, freezesBefore: at)
        before = at
      }
    }
    #expect(meter.totals.late == 0)
    #expect(meter.playout.freezes == 0)
    // Without following, the last frame would be 3.6 s after its deadline.
    #expect(36_000 * 100_000 > PlayoutClock.buffer.value)
  }

  @Test("Expected frames count nominal instants, and follow a change of the rate")
  func expected() {
    var expected = ExpectedFrames(rateMilli: 25_000)
    #expect(expected.count(before: seconds(5)) == 0)
    expected.begin(at: seconds(10))
    #expect(expected.count(before: seconds(10)) == 0)
    #expect(expected.count(before: BootTime(nanoseconds: 10_000_000_001)) == 1)
    #expect(expected.count(before: seconds(10.04)) == 1)
    #expect(expected.count(before: seconds(11)) == 25)
    expected.change(rateMilli: 50_000, at: seconds(11))
    #expect(expected.count(before: seconds(12)) == 75)
    var unknown = ExpectedFrames(rateMilli: nil)
    unknown.begin(at: seconds(10))
    #expect(unknown.count(before: seconds(11)) == nil)
    unknown.change(rateMilli: 29_970, at: seconds(20))
    #expect(unknown.count(before: seconds(110)) == 2997)
  }

  @Test("Random links: shown, late and frozen equal an offline play-out of the whole trace", arguments: 0..<30)
  func equalsOffline(seed: UInt64) {
    var random = Mutator(seed: seed)
    var frames: [FrameSample] = []
    var isClean = true
    for index in 0..<600 {
      var delay = Int64.random(in: 0...30_000_000, using: &random)
      if Int.random(in: 0..<60, using: &random) == 0 { delay += Int64.random(in: 0...1_500_000_000, using: &random) }
      if Int.random(in: 0..<40, using: &random) == 0 { isClean = false }
      if index % 25 == 0 { isClean = true }
      if Int.random(in: 0..<90, using: &random) == 0 { continue }
      frames.append(steadyFrame(index, delay: index == 0 ? 0 : delay, flags: isClean ? [.clean] : []))
    }
    frames.sort { ($0.lastArrival, $0.number) < ($1.lastArrival, $1.number) }
    let meter = meter(frames, until: 30)
    let deadlines = frames.filter { $0.flags.contains(.clean) }.compactMap { frame -> Int64? in
      let deadline = 2_000_000_000 + frame.timestamp * 1_000_000_000 / 90_000
      return frame.lastArrival.nanoseconds <= deadline ? deadline : nil
    }.sorted()
    #expect(meter.totals.shown == Int64(deadlines.count))
    #expect(meter.totals.late == Int64(frames.count { $0.flags.contains(.clean) }) - Int64(deadlines.count))
    let intervals = zip(deadlines, deadlines.dropFirst()).map { $1 - $0 }
    var frozen: Int64 = 0
    var freezes: Int64 = 0
    for (index, interval) in intervals.enumerated() where index > 0 {
      let last = intervals[max(0, index - 30)..<index]
      let average = last.reduce(0, +) / Int64(last.count)
      if interval >= max(3 * average, average + 150_000_000) {
        freezes += 1
        frozen += interval
      }
    }
    #expect(meter.playout.freezes == freezes)
    #expect(meter.playout.frozen.value == frozen)
  }
}
