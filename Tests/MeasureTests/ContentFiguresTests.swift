import FirstFrameTesting
import Model
import Testing

@testable import Measure

@Suite("Black, frozen and silent spans of a window, from probe events")
struct ContentFiguresTests {
  static func probe(_ at: Double, black: Int64 = -1, frozen: Int64 = -1, silent: Int64 = -1) -> SampleRecord {
    .event(SampleEvent(at: seconds(at), kind: .probe, value1: black, value2: frozen, value3: silent))
  }

  /// Second samples from 0 s to `last`, with events put in before the second at which they were concluded.
  private static func windows(_ told: [(second: Int, record: SampleRecord)], last: Int = 121) -> [QualityWindow] {
    let header = Traffic.header(started: seconds(0))
    var records: [SampleRecord] = []
    for second in 0...last {
      records += told.filter { $0.second == second }.map(\.record)
      records.append(.second(SecondSample(at: seconds(Double(second)), tracks: [])))
    }
    records.append(.event(SampleEvent(at: seconds(Double(last)), kind: .closed)))
    return QualityWindow.rebuild(from: records, header: header)
  }

  @Test("Nothing judged is null, judged and never so is false")
  func judged() {
    let none = Self.windows([])
    #expect(none.map(\.isBlack) == [nil, nil, nil])
    #expect(none.first?.blackNs == nil && none.first?.looks == 0 && none.first?.soundPeakMilliDecibel == nil)
    let some = Self.windows([(5, Self.probe(4, black: 0, frozen: 0))])
    #expect(some.map(\.isBlack) == [false, false, false])
    #expect(some.map(\.isFrozen) == [false, false, false])
    #expect(some.map(\.isSilent) == [nil, nil, nil])
    #expect(some.first?.blackNs == 0)
  }

  @Test("A span counts with what lies in each window, and is judged from its beginning")
  func acrossWindows() {
    // Black from 59.5 to 61.6 s: half a second in the first window is not enough, in the second the span is 2.1 s long.
    let told = [(4, Self.probe(3, black: 0)), (60, Self.probe(59.5, black: 1)), (63, Self.probe(61.6, black: 0))]
    let windows = Self.windows(told)
    #expect(windows.map(\.blackNs) == [500_000_000, 1_600_000_000, 0])
    #expect(windows.map(\.isBlack) == [false, true, false])
  }

  @Test("The limits are 2 s of black, 10 s of stillness and of silence", arguments: [(1.999, false), (2.0, true)])
  func limits(length: Double, isLong: Bool) {
    let eight = length + 8
    let windows = Self.windows([
      (1, Self.probe(0, black: 0, frozen: 0, silent: 0)), (25, Self.probe(10, black: 1, frozen: 1, silent: 1)),
      (25, Self.probe(10 + length, black: 0)), (25, Self.probe(10 + eight, frozen: 0, silent: 0)),
    ])
    let window = windows[0]
    #expect(window.isBlack == isLong && window.isFrozen == isLong && window.isSilent == isLong)
    #expect(window.frozenNs == window.silentNs)
    #expect(abs((window.frozenNs ?? 0) - Int64(eight * 1_000_000_000)) <= 1)
  }

  @Test("A span that lasts counts up to the window's end, in every window")
  func open() {
    let windows = Self.windows([(12, Self.probe(10, black: 1))])
    #expect(windows.map(\.blackNs) == [50_000_000_000, 60_000_000_000, 1_000_000_000])
    #expect(windows.map(\.isBlack) == [true, true, true])
  }

  @Test("What was told only after a window closed leaves that window as it was")
  func toldLate() {
    let windows = Self.windows([(2, Self.probe(1, black: 0)), (62, Self.probe(50, black: 1)), (70, Self.probe(64, black: 0))])
    #expect(windows.map(\.blackNs) == [0, 4_000_000_000, 0])
    #expect(windows.map(\.isBlack) == [false, true, false])
  }

  @Test("Looks and peaks are those between the window's second samples, dark ones are flagged")
  func looks() {
    func look(_ dark: Int64, _ variance: Int64) -> SampleRecord {
      .event(SampleEvent(at: seconds(1), kind: .look, value1: dark, value2: variance, value3: -1))
    }
    func sound(_ peak: Int64) -> SampleRecord { .event(SampleEvent(at: seconds(1), kind: .sound, value1: 250_000_000, value2: peak)) }
    let windows = Self.windows([
      (1, look(980, 100)), (2, look(979, 100)), (60, look(1000, 99)), (61, look(1000, 400)), (3, sound(-61_000)), (60, sound(-20_500)),
      (61, sound(-30_000)),
    ])
    #expect(windows.map(\.looks) == [3, 1, 0])
    #expect(windows.map(\.darkLooks) == [1, 1, 0])
    #expect(windows.map(\.soundPeakMilliDecibel) == [-20_500, -30_000, nil])
  }

  @Test("A meter takes what probes tell, and nothing else by that door")
  func meter() {
    var meter = SessionMeter(header: Traffic.header(started: seconds(0)))
    meter.probed([
      SampleEvent(at: seconds(1), kind: .probe, value1: 1, value2: -1, value3: -1), SampleEvent(at: seconds(1), kind: .closed),
      SampleEvent(at: seconds(1), kind: .look, value1: 1000, value2: 0, value3: -1),
    ])
    _ = meter.tick(at: seconds(4))
    let window = meter.figures.lastWindow
    #expect(window?.isBlack == true && window?.blackNs == 3_000_000_000 && window?.looks == 1)
    #expect(!meter.figures.isClosed)
    let kinds = meter.removeRecords().compactMap { record in if case .event(let event) = record { event.kind } else { nil } }
    #expect(kinds == [.probe, .look])
  }

  @Test("Spans agree with a second-by-second painting of random states", arguments: 0..<20 as Range<UInt64>)
  func random(seed: UInt64) {
    var random = Mutator(seed: seed)
    var told: [(second: Int, record: SampleRecord)] = []
    var painted = [Bool](repeating: false, count: 200)
    var second = Int.random(in: 1...5, using: &random)
    var isBlack = false
    told.append((second, Self.probe(Double(second), black: 0)))
    while second < 115 {
      let next = second + Int.random(in: 1...25, using: &random)
      for step in second..<next { painted[step] = isBlack }
      isBlack.toggle()
      told.append((next, Self.probe(Double(next), black: isBlack ? 1 : 0)))
      second = next
    }
    for step in second..<200 { painted[step] = isBlack }
    let windows = Self.windows(told, last: 120)
    #expect(windows.count == 2)
    for (window, range) in zip(windows, [0..<60, 60..<120]) {
      #expect(window.blackNs == Int64(range.count { painted[$0] }) * 1_000_000_000)
    }
  }
}
