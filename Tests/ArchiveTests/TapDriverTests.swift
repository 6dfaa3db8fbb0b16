import FirstFrameTesting
import Logging
import Model
import Pipelines
import Synchronization
import Testing

@testable import Archive

@Suite("Carrying out a plan")
struct TapDriverTests {
  private struct Place {
    let facts = FactList()
    let clock = ManualClock()
    let recording = StreamRecording(name: Bench.name, id: Bench.id)
    let chain = SpoolChain(run: 1)
    let driver: TapDriver

    init(recovered: Bool = false, makeTap: @escaping TapMaker) {
      let context = ArchiveContext(
        settings: ArchiveSettings(), dataFolder: "/nowhere", node: "county", clock: clock, facts: facts, store: MemoryStore(), makeTap: makeTap,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      driver = TapDriver(
        context: context, recording: recording, chain: chain, origin: TapRun.Origin(boot: "b", reading: nil, isRecovered: recovered))
    }

    func runs() -> [TapRun] {
      var found: [TapRun] = []
      while let run = recording.first {
        found.append(run)
        recording.removeFirst()
      }
      return found
    }
  }

  private static let described = RecordedItem.described(
    RecordedStream(name: Bench.name, session: "s1", origin: UnitOrigin(node: "n", path: Bench.name), tracks: SmallClip.tracks))

  private static func units(_ seconds: Range<Int>) -> [RecordedItem] {
    SmallClip.units(Bench.name, seconds: seconds.count, from: seconds.lowerBound).enumerated().map {
      .unit(RecordedUnit(unit: $0.element, position: UInt64(seconds.lowerBound * 35 + $0.offset)))
    }
  }

  @Test("Units go into one muxer until the stream ends; then a mark of the end follows, and the spool may go")
  func life() throws {
    let place = Place(makeTap: PlainTap.make)
    place.driver.feed([Self.described] + Self.units(0..<2))
    #expect(place.chain.planned == 70)
    #expect(place.recording.figures.isRecording)
    #expect(place.recording.figures.ingestedUnits == 70)
    place.driver.feed([.ended(BootTime(nanoseconds: 0))])
    #expect(place.chain.planned == .max)
    #expect(!place.recording.figures.isRecording)
    let runs = place.runs()
    #expect(runs.count == 2)
    #expect(runs[0].counters.pushed == 70 && runs[0].counters.emitted == 70)
    #expect(runs[0].drain().isEnded)
    #expect(runs[1].streamEnd == SmallClip.units(Bench.name, seconds: 2).last?.arrival)
    #expect(place.facts.facts(of: FactKind.recorderStalled).isEmpty)
  }

  @Test("A muxer that cannot be made is tried again after five seconds, and each attempt is recorded")
  func failedMaker() {
    let attempts = Mutex(0)
    let place = Place { _, _ async throws(Fault) in
      attempts.withLock { $0 += 1 }
      throw Fault(.packageMissing, "test")
    }
    place.driver.feed([Self.described])
    for second in 0..<8 {
      place.clock.move(to: BootTime(nanoseconds: 1_001_000_000_000 + Int64(second) * 1_000_000_000))
      place.driver.feed(Self.units(second..<second + 1))
    }
    #expect(attempts.withLock { $0 } == 2)
    #expect(place.driver.hasFailed)
    #expect(place.facts.facts(of: FactKind.recorderStalled).map { $0.fields["reason"]?["code"] } == ["packageMissing", "packageMissing"])
    #expect(place.runs().allSatisfy { $0.drain().isEnded && $0.fault?.code == .packageMissing })
  }

  @Test("A recovery whose muxer fails keeps its spool for the next start")
  func failedRecovery() {
    let place = Place(recovered: true) { _, _ async throws(Fault) in throw Fault(.packageMissing, "test") }
    place.driver.feed([Self.described] + Self.units(0..<1) + [.ended(BootTime(nanoseconds: 0))])
    #expect(place.chain.planned == 0)
    #expect(place.driver.hasFailed)
  }

  @Test("A muxer that stalls is given up after the limit, with its figures, and the next key frame begins another")
  func stall() {
    let made = Mutex(0)
    let place = Place { tracks, output async throws(Fault) in
      let number = made.withLock {
        $0 += 1
        return $0
      }
      let tap = PlainTap(tracks.map(\.track), output)
      return number == 1 ? StallingTap(tap, after: 35) : tap
    }
    place.driver.feed([Self.described] + Self.units(0..<1))
    place.driver.watch()
    for second in 1..<9 {
      place.clock.move(to: BootTime(nanoseconds: 1_001_000_000_000 + Int64(second) * 1_000_000_000))
      place.driver.feed(Self.units(second..<second + 1))
      place.driver.watch()
    }
    let stalled = place.facts.facts(of: FactKind.recorderStalled)
    #expect(stalled.count == 1)
    #expect(stalled.first?.fields["stalled"] == true)
    #expect(stalled.first?.fields["recordedUnits"] == 35)
    #expect(made.withLock { $0 } == 2)
    #expect(place.recording.figures.isRecording)
  }
}
