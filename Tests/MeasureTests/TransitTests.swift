import FirstFrameTesting
import Measure
import Model
import Testing

@Suite("One-way delay between two nodes, from transit events")
struct TransitTests {
  /// Two clocks, `ahead` apart, known as an interval; units that take `delays` in each second.
  private static func windows(ahead: Int64, uncertain: ClosedRange<Int64>, delays: [Int: [Int64]], last: Int = 121) -> [QualityWindow] {
    var meter = SessionMeter(header: Traffic.header(started: seconds(0)))
    var closed: [QualityWindow] = []
    for second in 1...last {
      for delay in delays[second] ?? [] {
        let arrived = BootTime(nanoseconds: seconds(Double(second)).nanoseconds - 1)
        meter.transit(
          track: 0, sent: BootTime(nanoseconds: arrived.nanoseconds - delay + ahead),
          clock: ClockDistance(low: ahead + uncertain.lowerBound, high: ahead + uncertain.upperBound), arrived: arrived)
      }
      if let window = meter.tick(at: seconds(Double(second))) { closed.append(window) }
    }
    closed += meter.close(at: seconds(Double(last)))
    let again = QualityWindow.rebuild(from: meter.removeRecords(), header: meter.header)
    #expect(again == closed)
    return closed
  }

  @Test("the bounds contain each delay, whatever the sender's clock says; a window has its own units", arguments: [8_640_000_000_000_000, 0, -5])
  func bounds(_ ahead: Int64) {
    let windows = Self.windows(
      ahead: ahead, uncertain: -60_000_000...10_000_000, delays: [3: [60_000_000, 75_000_000], 60: [61_000_000], 61: [90_000_000]])
    #expect(windows.map(\.oneWayDelayLow?.count) == [3, 1, nil])
    #expect(windows[0].oneWayDelayLow?.p50 == 1_000_000 && windows[0].oneWayDelayHigh?.p50 == 71_000_000)
    #expect(windows[0].oneWayDelayLow?.maximum == 15_000_000 && windows[0].oneWayDelayHigh?.maximum == 85_000_000)
    #expect(windows[1].oneWayDelayLow?.p95 == 30_000_000 && windows[1].oneWayDelayHigh?.p95 == 100_000_000)
  }
}
