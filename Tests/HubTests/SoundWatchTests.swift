import FirstFrameTesting
import Measure
import Model
import NIOCore
import Testing

@testable import Hub

@Suite("The watch over sound")
struct SoundWatchTests {
  /// Units of 20 ms from 100 s on; loud where `loud` says, in media time from 0.
  struct Tape {
    var seconds: Double
    var loud: [ClosedRange<Double>]

    static func at(_ seconds: Double) -> BootTime { BootTime(nanoseconds: 100_000_000_000 + Int64((seconds * 1_000_000_000).rounded())) }

    func unit(_ index: Int) -> AccessUnit {
      let at = Tape.at(Double(index) * 0.02)
      return AccessUnit(
        id: AccessUnitID(origin: UnitOrigin(node: "n", path: testName), epoch: 1, number: UInt64(index + 1)), track: 1,
        pts: MediaTime(value: Int64(index) * 960, timescale: 48_000), firstArrival: at, arrival: at, flags: .key,
        payload: ByteBuffer(repeating: 1, count: 160))
    }

    /// What a decoder hears in units of this tape, of millisecond samples.
    func hear(_ ask: SoundWatch.Ask) -> DecodedSound {
      let first = Int(ask.units[ask.preroll].id.number) - 1
      let last = Int(ask.units.last?.id.number ?? 1) - 1
      let samples = (first * 20..<(last + 1) * 20).map { index in loud.contains { $0.contains(Double(index) / 1000) } }
      func time(_ index: Int?) -> Nanoseconds? { index.map { .milliseconds(Int64($0)) } }
      return DecodedSound(
        peakMilliDecibel: samples.contains(true) ? -20_000 : -70_000, firstLoud: time(samples.firstIndex(of: true)),
        lastLoud: time(samples.lastIndex(of: true)), length: .milliseconds(Int64(samples.count)), cost: .milliseconds(1))
    }
  }

  struct Told {
    var events: [SampleEvent] = []
    var listened = Nanoseconds.zero
    var silent: [(from: Double, to: Double?)] {
      var spans: [(from: Double, to: Double?)] = []
      for event in events where event.kind == .probe && event.value3 >= 0 {
        let seconds = Double(event.at.nanoseconds) / 1_000_000_000 - 100
        if event.value3 == 1 {
          spans.append((seconds, nil))
        } else if let last = spans.indices.last, spans[last].to == nil {
          spans[last].to = seconds
        }
      }
      return spans
    }
  }

  /// Each question is answered when `delay` more units have come.
  private func run(_ tape: Tape, delay: Int = 2, failing: (Int) -> Bool = { _ in false }) -> Told {
    var watch = SoundWatch()
    var reported = Told()
    var open: (ask: SoundWatch.Ask, due: Int)?
    var asks = 0
    for index in 0..<Int(tape.seconds / 0.02) {
      watch.append(tape.unit(index))
      if let due = open, due.due <= index {
        open = nil
        asks += 1
        let heard = tape.hear(due.ask)
        reported.listened = reported.listened + heard.length
        if failing(asks) { watch.fail() } else { reported.events += watch.answer(heard, to: due.ask) }
      }
      if open == nil, let ask = watch.ask(at: Tape.at(Double(index) * 0.02), interval: .seconds(4)) { open = (ask, index + delay) }
    }
    return reported
  }

  @Test("Silence lasts from the last loud sample to the next, to the millisecond")
  func silence() throws {
    let reported = run(Tape(seconds: 60, loud: [0...17.313, 41.777...60]))
    let span = try #require(reported.silent.first)
    #expect(reported.silent.count == 1)
    #expect(abs(span.from - 17.313) < 0.0015)
    #expect(abs((span.to ?? 0) - 41.777) < 0.0015)
  }

  @Test("Silence shorter than ten seconds is not reported, of ten it is", arguments: [(9.9, 0), (10.1, 1)])
  func limit(length: Double, spans: Int) {
    let reported = run(Tape(seconds: 40, loud: [0...12, (12 + length)...40]))
    #expect(reported.silent.count == spans)
    #expect(reported.events.contains { $0.kind == .probe && $0.value3 == 0 }, "judged all the same")
  }

  @Test("While there is sound, a sixteenth of it is listened to")
  func cost() {
    let reported = run(Tape(seconds: 120, loud: [0...120]))
    #expect(reported.silent.isEmpty)
    #expect(reported.listened > .seconds(6) && reported.listened < .seconds(9))
  }

  @Test("A microphone that never was heard is silent from the beginning")
  func never() throws {
    let reported = run(Tape(seconds: 30, loud: []))
    let span = try #require(reported.silent.first)
    #expect(abs(span.from) < 0.021 && span.to == nil)
  }

  @Test("Clicks between quarter seconds that were listened to are heard all the same")
  func clicks() {
    // Never loud in the stretch that is listened to, but every three seconds: no silence of ten.
    let clicks = stride(from: 1.0, to: 60, by: 3).map { $0...$0 + 0.01 }
    #expect(run(Tape(seconds: 60, loud: clicks)).silent.isEmpty)
  }

  @Test("What could not be decoded proves no silence")
  func failures() {
    let reported = run(Tape(seconds: 60, loud: [0...20, 31...60]), failing: { _ in true })
    #expect(reported.events.isEmpty)
    let some = run(Tape(seconds: 90, loud: [0...20, 70...90]), failing: { $0 % 3 == 0 })
    #expect(some.silent.count == 1)
  }

  @Test("A track that comes no more is silent since its last unit")
  func idle() {
    var watch = SoundWatch()
    let tape = Tape(seconds: 10, loud: [0...10])
    for index in 0..<100 { watch.append(tape.unit(index)) }
    #expect(watch.idle(at: Tape.at(11.9)).isEmpty)
    let reported = watch.idle(at: Tape.at(12))
    #expect(reported.map(\.at) == [Tape.at(1.98)])
    #expect(reported.map(\.value3) == [1])
    #expect(watch.idle(at: Tape.at(13)).isEmpty, "reported once")
  }

  @Test("Random tapes: what silencedetect's rule says, to the millisecond", arguments: 0..<40 as Range<UInt64>)
  func random(seed: UInt64) {
    var random = Mutator(seed: seed)
    var loud: [ClosedRange<Double>] = []
    var at = 0.0
    while at < 150 {
      let sound = Double(Int.random(in: 5...8000, using: &random)) / 1000
      loud.append(at...at + sound)
      at += sound + Double(Int.random(in: 100...16_000, using: &random)) / 1000
    }
    let reported = run(Tape(seconds: 150, loud: loud), delay: Int(seed % 4))
    var expected: [(from: Double, to: Double)] = []
    for (a, b) in zip(loud, loud.dropFirst()) where b.lowerBound - a.upperBound >= 10.01 && b.lowerBound < 145 {
      expected.append((a.upperBound, b.lowerBound))
    }
    let found = reported.silent.filter { ($0.to ?? 150) < 145 && ($0.to ?? 150) - $0.from >= 10.01 }
    #expect(found.count == expected.count, "\(found) \(expected)")
    for (a, b) in zip(found, expected) {
      #expect(abs(a.from - b.from) < 0.003 && abs((a.to ?? 0) - b.to) < 0.003, "\(a) \(b)")
    }
  }
}

@Suite("What all probes of a node share")
struct ContentBudgetTests {
  private func at(_ seconds: Double) -> BootTime { BootTime(nanoseconds: Int64(seconds * 1_000_000_000)) }

  private var tenth: ContentSettings {
    var settings = ContentSettings()
    settings.millisecondsPerSecond = 100
    return settings
  }

  @Test("Decoding time fills up with time and never beyond two seconds' worth")
  func balance() {
    let budget = ContentBudget(tenth)
    #expect(budget.maySearch(at: at(0)))
    budget.spentSearch(.milliseconds(500))
    #expect(!budget.maySearch(at: at(0)))
    #expect(!budget.maySearch(at: at(2.9)), "300 ms are missing and 100 ms come back in a second")
    #expect(budget.maySearch(at: at(3.1)))
    #expect(budget.begin(.listen, at: at(10_000)))
    budget.end(.listen, cost: .milliseconds(199))
    #expect(budget.begin(.listen, at: at(10_000)))
    #expect(!budget.begin(.listen, at: at(10_000)), "1 ms is left, and the stretch under way will cost more")
    budget.end(.listen, cost: .milliseconds(1))
    #expect(!budget.maySearch(at: at(10_000)))
  }

  @Test("Streams that come at once are looked at one after the other, as the budget allows")
  func crowd() {
    let budget = ContentBudget(tenth)
    // 200 ms, and a look is taken to cost 8 until one has shown it.
    let first = (0..<50).count { _ in budget.begin(.look, at: at(0)) }
    #expect(first == 25)
    for _ in 0..<first { budget.end(.look, cost: .milliseconds(8)) }
    #expect(!budget.begin(.look, at: at(0)))
    let second = (0..<50).count { _ in budget.begin(.look, at: at(1)) }
    #expect(second == 13)
    for _ in 0..<second { budget.end(.look, cost: nil) }
    #expect(!budget.begin(.look, at: at(1.2)), "failed ones cost 10")
  }

  @Test("Looks are further apart the more streams there are and the dearer they come")
  func fair() {
    let budget = ContentBudget(tenth)
    budget.joined(pictures: 1, sounds: 1)
    #expect(budget.lookInterval == .seconds(2) && budget.listenInterval == .seconds(4))
    budget.joined(pictures: 199, sounds: 199)
    #expect(budget.lookInterval == .seconds(20))
    for _ in 0..<100 { budget.end(.look, cost: .milliseconds(35)) }
    #expect(budget.lookInterval > .seconds(73) && budget.lookInterval <= .seconds(74))
    budget.joined(pictures: -200, sounds: -200)
    #expect(budget.lookInterval == .seconds(2))
  }

  @Test("Streams without sound are not reckoned with a listen, those without picture not with a look")
  func partial() {
    let budget = ContentBudget(tenth)
    for _ in 0..<200 {
      budget.end(.look, cost: .milliseconds(10))
      budget.end(.listen, cost: .milliseconds(2))
    }
    func interval(pictures: Int, sounds: Int) -> Double {
      budget.joined(pictures: pictures, sounds: sounds)
      defer { budget.joined(pictures: -pictures, sounds: -sounds) }
      return Double(budget.lookInterval.value) / 1_000_000_000
    }
    #expect(abs(interval(pictures: 100, sounds: 0) - 10) < 0.01)
    #expect(abs(interval(pictures: 100, sounds: 100) - 12) < 0.01)
    #expect(abs(interval(pictures: 0, sounds: 1000) - 20) < 0.01)
  }

  @Test("Held units have one limit over all streams")
  func memory() {
    var settings = tenth
    settings.heldBytes = 1000
    let budget = ContentBudget(settings)
    #expect(budget.mayHold)
    budget.held(1000)
    #expect(!budget.mayHold)
    budget.held(-1)
    #expect(budget.mayHold)
    budget.joined(pictures: 81, sounds: 81)
    #expect(!budget.mayHold, "looks that are more than 8 s apart are not searched between")
  }
}
