import Model
import NIOCore
import Pipelines
import Testing

@testable import Archive

@Suite("Where segments are cut")
struct SegmentCutterTests {
  private func chunk(_ seconds: Double, key: Bool = true, cluster: Bool = true) -> MuxedChunk {
    MuxedChunk(
      bytes: ByteBuffer(), startsCluster: cluster, startsKeyCluster: key, pts: Nanoseconds(Int64(seconds * 1e9)), unitCount: 1)
  }

  private func follow(_ chunks: [MuxedChunk], anywhere: Bool = false) -> [SegmentCutter.Decision] {
    var cutter = SegmentCutter(target: .seconds(10), longest: .seconds(60))
    return chunks.map { chunk in
      let decision = cutter.decide(chunk, anywhere: anywhere)
      if decision == .begin { cutter.opened(at: chunk.pts) }
      return decision
    }
  }

  @Test("at the first key cluster after ten seconds")
  func atKeys() {
    let chunks = [chunk(0), chunk(2), chunk(4, key: false), chunk(9.9), chunk(10), chunk(12), chunk(19.5), chunk(21)]
    #expect(follow(chunks) == [.begin, .append, .append, .append, .begin, .append, .append, .begin])
  }

  @Test("nothing is kept before the first key cluster")
  func beforeKey() {
    #expect(follow([chunk(0, key: false), chunk(1, key: false), chunk(2)]) == [.discard, .discard, .begin])
    #expect(follow([chunk(0, key: false), chunk(1, key: false)], anywhere: true) == [.begin, .append])
  }

  @Test("without key frames, at any cluster after a minute")
  func withoutKeys() {
    let chunks = [chunk(0)] + stride(from: 1.0, through: 61, by: 1).map { chunk($0, key: false) }
    let decisions = follow(chunks)
    #expect(decisions[60] == .begin)
    #expect(decisions.filter { $0 == .begin }.count == 2)
  }

  @Test("a time line that jumps back begins a new segment")
  func jumpBack() { #expect(follow([chunk(100), chunk(101), chunk(5)]) == [.begin, .append, .begin]) }
}

@Suite("Which units go into which muxer")
struct TapPlanTests {
  private static let name = StreamName("live/cam1")!
  private static let origin = UnitOrigin(node: "n", path: name)
  private static let video = Track(
    index: 0, codec: .h264, clockRate: 90_000,
    parameters: .h264(sps: [Hex.decode("6742c00bda05079ffc0440000003004000000c83c50aa8")!], pps: [Hex.decode("68ce0fc8")!]))
  private static let audio = Track(index: 1, codec: .aac, clockRate: 48_000, parameters: .aac(audioSpecificConfig: [0x11, 0x88]), channels: 1)

  private static func stream(_ tracks: [Track] = [video, audio], session: String = "s1") -> RecordedItem {
    .described(RecordedStream(name: name, session: session, origin: origin, tracks: tracks))
  }

  private static func unit(
    _ position: UInt64, _ track: UInt8, at milliseconds: Int64, key: Bool = false, generation: UInt32 = 0
  ) -> RecordedItem {
    let time = BootTime(nanoseconds: milliseconds * 1_000_000)
    return .unit(
      RecordedUnit(
        unit: AccessUnit(
          id: AccessUnitID(origin: origin, epoch: 1, number: position), track: track,
          pts: MediaTime(value: milliseconds, timescale: 1000), firstArrival: time, arrival: time, generation: generation, flags: key ? .key : [],
          payload: ByteBuffer(bytes: [1, 2, 3])), position: position))
  }

  /// `start 01`, `push 3,4`, `finish`, `skip 2`.
  private static func words(_ steps: [TapPlan.Step]) -> [String] {
    steps.map { step in
      switch step {
      case .start(let tracks, let anywhere): "start \(tracks.map { String($0.index) }.joined())\(anywhere ? " anywhere" : "")"
      case .push(let units, let session): "push \(units.map { String($0.position) }.joined(separator: ",")) \(session)"
      case .finish: "finish"
      case .skipped(let units, _): "skip \(units)"
      }
    }
  }

  @Test("from the first key frame to the end")
  func wholeLife() {
    var plan = TapPlan()
    let steps = plan.steps(for: [
      Self.stream(), Self.unit(0, 0, at: 0), Self.unit(1, 1, at: 10), Self.unit(2, 0, at: 40, key: true), Self.unit(3, 1, at: 50),
      .interrupted(BootTime(nanoseconds: 0)), Self.unit(4, 0, at: 80), .ended(BootTime(nanoseconds: 0)),
    ])
    #expect(Self.words(steps) == ["start 01", "push 2,3,4 s1", "finish", "skip 2"])
    #expect(plan.planned == 5)
    #expect(!plan.isRecording)
  }

  @Test("nothing starts before the parameters are known")
  func lateParameters() {
    var plan = TapPlan()
    var bare = Self.video
    bare.parameters = nil
    var known = Self.video
    known.generation = 1
    #expect(Self.words(plan.steps(for: [Self.stream([bare]), Self.unit(0, 0, at: 0, key: true)])) == ["skip 1"])
    #expect(Self.words(plan.steps(for: [Self.stream([known]), Self.unit(1, 0, at: 40, key: true, generation: 1)])) == ["start 0", "push 1 s1"])
  }

  @Test("changed parameters begin a new muxer at the first unit that needs them")
  func changedParameters() {
    var plan = TapPlan()
    var changed = Self.video
    changed.generation = 1
    changed.parameters = .h264(sps: [Hex.decode("6742c00bda05079ffc0440000003004000000c83c50aa8")!], pps: [Hex.decode("68ce0fc801")!])
    let steps = plan.steps(for: [
      Self.stream(), Self.unit(0, 0, at: 0, key: true), Self.stream([changed, Self.audio]), Self.unit(1, 0, at: 40), Self.unit(2, 1, at: 50),
      Self.unit(3, 0, at: 80, key: true, generation: 1), Self.unit(4, 1, at: 90),
    ])
    #expect(Self.words(steps) == ["start 01", "push 0,1,2 s1", "finish", "start 01", "push 3,4 s1"])
  }

  @Test("a publisher that returns with the same parameters goes on in the same muxer")
  func takeover() {
    var plan = TapPlan()
    let steps = plan.steps(for: [
      Self.stream(), Self.unit(0, 0, at: 0, key: true), .interrupted(BootTime(nanoseconds: 0)), Self.stream(session: "s2"),
      Self.unit(1, 0, at: 4000, key: true),
    ])
    #expect(Self.words(steps) == ["start 01", "push 0 s1", "push 1 s2"])
  }

  @Test("a publisher that returns with other parameters gets a new muxer")
  func takeoverWithOtherMedia() {
    var plan = TapPlan()
    let steps = plan.steps(for: [
      Self.stream(), Self.unit(0, 0, at: 0, key: true), Self.stream([Self.video], session: "s2"), Self.unit(1, 0, at: 900),
      Self.unit(2, 0, at: 4000, key: true),
    ])
    #expect(Self.words(steps) == ["start 01", "push 0 s1", "finish", "start 0", "push 2 s2", "skip 1"])
  }

  @Test("a track that becomes usable joins at the next key frame")
  func lateTrack() {
    var plan = TapPlan()
    var mute = Self.audio
    mute.parameters = nil
    let steps = plan.steps(for: [
      Self.stream([Self.video, mute]), Self.unit(0, 0, at: 0, key: true), Self.unit(1, 1, at: 10), Self.stream(), Self.unit(2, 1, at: 30),
      Self.unit(3, 0, at: 40), Self.unit(4, 0, at: 80, key: true), Self.unit(5, 1, at: 90),
    ])
    #expect(Self.words(steps) == ["start 0", "push 0,3 s1", "finish", "start 01", "push 4,5 s1", "skip 2"])
  }

  @Test("sound is recorded alone while no picture comes, and together from the next key frame")
  func soundAlone() {
    var plan = TapPlan()
    var items = [Self.stream()]
    for second in 0...7 { items.append(Self.unit(UInt64(second), 1, at: Int64(second) * 1000)) }
    items += [Self.unit(8, 0, at: 8000), Self.unit(9, 1, at: 8010), Self.unit(10, 0, at: 8040, key: true), Self.unit(11, 1, at: 8050)]
    #expect(Self.words(plan.steps(for: items)) == ["start 1", "push 6,7,9 s1", "finish", "start 01", "push 10,11 s1", "skip 7"])
  }

  @Test("a stream that never has a key frame is recorded after ten seconds all the same")
  func withoutKeys() {
    var plan = TapPlan()
    let items = [Self.stream([Self.video])] + (0...12).map { Self.unit(UInt64($0), 0, at: Int64($0) * 1000) }
    #expect(Self.words(plan.steps(for: items)) == ["start 0 anywhere", "push 11,12 s1", "skip 11"])
  }

  @Test("after a failure the next key frame begins anew")
  func failure() {
    var plan = TapPlan()
    _ = plan.steps(for: [Self.stream(), Self.unit(0, 0, at: 0, key: true)])
    plan.tapFailed()
    #expect(Self.words(plan.steps(for: [Self.unit(1, 0, at: 40), Self.unit(2, 0, at: 80, key: true)])) == ["start 01", "push 2 s1", "skip 1"])
  }
}

@Suite("Gaps in arrivals")
struct GapLedgerTests {
  private static let name = StreamName("live/cam1")!
  private static let origin = UnitOrigin(node: "n", path: name)

  private static func stream(rate: Int?) -> RecordedItem {
    let track = Track(index: 0, codec: .h264, clockRate: 90_000, nominalFrameRateMilli: rate)
    return .described(RecordedStream(name: name, session: "s", origin: origin, tracks: [track]))
  }

  private static func unit(_ arrival: Int64, pts: Int64? = nil, flags: AccessUnit.Flags = .clean) -> RecordedItem {
    let time = BootTime(nanoseconds: arrival * 1_000_000)
    return .unit(
      RecordedUnit(
        unit: AccessUnit(
          id: AccessUnitID(origin: origin, epoch: 1, number: 1), track: 0, pts: MediaTime(value: pts ?? arrival, timescale: 1000),
          firstArrival: time, arrival: time, flags: flags, payload: ByteBuffer()), position: 0))
  }

  private static func run(_ items: [RecordedItem]) -> [GapLedger.Found] {
    var ledger = GapLedger()
    return items.compactMap { ledger.apply($0) }
  }

  private static func gap(_ from: Int64, _ to: Int64, _ cause: ArchiveGap.Cause, _ event: ArchiveGap.Event) -> GapLedger.Found {
    GapLedger.Found(
      from: BootTime(nanoseconds: from * 1_000_000), to: BootTime(nanoseconds: to * 1_000_000), cause: cause, event: event)
  }

  @Test("a pause of a second is none, one beyond it is")
  func pause() {
    #expect(Self.run([Self.stream(rate: 25_000), Self.unit(0), Self.unit(1000)]).isEmpty)
    #expect(Self.run([Self.stream(rate: 25_000), Self.unit(0), Self.unit(1001, flags: [.key, .clean])]) == [Self.gap(0, 1001, .device, .silent)])
  }

  @Test("slow cameras may pause five frame periods")
  func slowCamera() {
    #expect(Self.run([Self.stream(rate: 1000), Self.unit(0), Self.unit(5000)]).isEmpty)
    #expect(Self.run([Self.stream(rate: 1000), Self.unit(0), Self.unit(5001)]).count == 1)
    let observed = [Self.stream(rate: nil)] + (0..<20).map { Self.unit(Int64($0) * 800) } + [Self.unit(15_200 + 4001)]
    #expect(Self.run(observed) == [Self.gap(15_200, 19_201, .device, .silent)])
  }

  @Test("any interruption of the publisher is a gap, however short")
  func interruption() {
    let items = [Self.stream(rate: 25_000), Self.unit(0), .interrupted(BootTime(nanoseconds: 50_000_000)), Self.unit(300), Self.unit(340)]
    #expect(Self.run(items) == [Self.gap(0, 300, .network, .interrupted)])
  }

  @Test("late is not lost: when all pictures come after all, the network was slow")
  func late() {
    #expect(Self.run([Self.stream(rate: 25_000), Self.unit(0, pts: 0), Self.unit(3000, pts: 40)]) == [Self.gap(0, 3000, .network, .late)])
    #expect(
      Self.run([Self.stream(rate: 25_000), Self.unit(0, pts: 0), Self.unit(3000, pts: 3000, flags: .damaged)])
        == [Self.gap(0, 3000, .network, .lost)])
  }

  @Test("an ended stream that begins again is no gap; a killed relay's absence is one")
  func endAndCrash() {
    #expect(
      Self.run([Self.stream(rate: 25_000), Self.unit(0), .ended(BootTime(nanoseconds: 1)), Self.stream(rate: 25_000), Self.unit(60_000)]).isEmpty)
    var ledger = GapLedger()
    #expect(ledger.resumeAfterCrash(lastArrival: BootTime(nanoseconds: 5_000_000)) == nil)
    #expect(ledger.apply(Self.stream(rate: 25_000)) == nil)
    #expect(ledger.apply(Self.unit(2500)) == Self.gap(5, 2500, .recorder, .relayRestarted))
    #expect(ledger.apply(Self.unit(2540)) == nil)
    // Recovery may know the last unit only after the first new one came.
    var late = GapLedger()
    _ = late.apply(Self.stream(rate: 25_000))
    #expect(late.apply(Self.unit(2500)) == nil)
    #expect(late.apply(Self.unit(2540)) == nil)
    #expect(late.resumeAfterCrash(lastArrival: BootTime(nanoseconds: 5_000_000)) == Self.gap(5, 2500, .recorder, .relayRestarted))
  }
}

@Suite("Watching muxer and disk")
struct WatchTests {
  @Test("a muxer that takes and does not give has stalled after the limit")
  func stall() {
    var watch = StallWatch()
    func step(_ pushed: Int, _ emitted: Int, _ seconds: Int64) -> Bool {
      watch.isStalled(
        TapRun.Counters(pushed: pushed, emitted: emitted), at: BootTime(nanoseconds: seconds * 1_000_000_000), limit: .seconds(5))
    }
    #expect(!step(25, 25, 0))
    #expect(!step(50, 25, 1))
    #expect(!step(75, 25, 2))
    #expect(!step(100, 25, 5))
    #expect(step(125, 25, 6))
  }

  @Test("a muxer that holds some back but goes on giving has not; nor has a publisher that sends nothing")
  func noStall() {
    var watch = StallWatch()
    for second in 0..<60 as Range<Int64> {
      let isStalled = watch.isStalled(
        TapRun.Counters(pushed: Int(second) * 25 + 25, emitted: Int(second) * 25), at: BootTime(nanoseconds: second * 1_000_000_000),
        limit: .seconds(5))
      #expect(!isStalled)
    }
    for second in 60..<90 as Range<Int64> {
      let isStalled = watch.isStalled(
        TapRun.Counters(pushed: 1500, emitted: 1500), at: BootTime(nanoseconds: second * 1_000_000_000), limit: .seconds(5))
      #expect(!isStalled)
    }
  }

  @Test("the reserve stops recording until there is half a percent more")
  func reserve() {
    var guardState = DiskGuard()
    #expect(guardState.space(200, reserve: 30, warn: 80) == nil)
    #expect(guardState.space(79, reserve: 30, warn: 80) == .warning(79))
    #expect(guardState.space(70, reserve: 30, warn: 80) == nil)
    guard case .fault(let fault)? = guardState.space(29, reserve: 30, warn: 80) else { return #expect(Bool(false), "no fault") }
    #expect(fault.code == .diskFull)
    #expect(!guardState.mayWrite && guardState.fault == fault && guardState.pausing == fault)
    #expect(guardState.space(34, reserve: 30, warn: 80) == nil)
    #expect(guardState.space(35, reserve: 30, warn: 80) == .resumed(fault))
    #expect(guardState.mayWrite && guardState.fault == nil)
  }

  @Test("each refusal is told once, and its end")
  func refusals() {
    var guardState = DiskGuard()
    let fault = Fault(.diskFailed, "a")
    #expect(guardState.report([]) == nil)
    #expect(guardState.report([fault]) == .fault(fault))
    #expect(guardState.fault == fault && guardState.pausing == nil, "a refusal keeps nobody from trying")
    #expect(guardState.report([Fault(.diskFailed, "b")]) == nil)
    #expect(guardState.report([Fault(.diskFull, "c")]) == .fault(Fault(.diskFull, "c")))
    #expect(guardState.report([]) == .resumed(Fault(.diskFull, "c")))
    #expect(guardState.report([]) == nil)
  }
}
