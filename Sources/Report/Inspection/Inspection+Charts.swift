internal import Measure
internal import Model

extension Inspection {
  /// The session's figures over time, each with the limit that the judging profile sets; those that were never measured are left out.
  func charts(_ session: Session) -> [LineChart] {
    let limits = session.profile?["metrics"]
    var charts = [
      chart("完好帧率 clean frames", "fps", of: session, limit: limits?["cleanFrameRate"]?["minimumMilli"], per: 1000, least: true) {
        $0.cleanFrameRate
      },
      chart("时延变化 delay variation (PDV)", "ms", of: session, limit: limits?["delayVariationP999"]?["maximumNs"], per: 1e6) {
        $0.delayVariationNs.map { Double($0) / 1e6 }
      },
    ]
    if session.points.contains(where: { $0.packetsExpected > 0 }) {
      charts.append(chart("丢包 loss", "%", of: session, limit: limits?["residualLoss"]?["maximumPPM"], per: 10_000) { $0.lossPercent })
    }
    if session.points.contains(where: { $0.roundTripNs != nil }) {
      charts.append(
        chart("往返时延 round trip", "ms", of: session, limit: limits?["roundTrip"]?["maximumNs"], per: 1e6) {
          $0.roundTripNs.map { Double($0) / 1e6 }
        })
    }
    if session.points.contains(where: { $0.oneWayDelayHighNs != nil }) {
      charts.append(
        chart("单向时延上界 one-way delay, upper bound", "ms", of: session, limit: limits?["endToEndDelay"]?["maximumNs"], per: 1e6) {
          $0.oneWayDelayHighNs.map { Double($0) / 1e6 }
        })
    }
    return charts + [freezes(session, limits)]
  }

  /// - Parameter divisor: what the limit's integer is divided by to give the chart's unit.
  private func chart(
    _ title: String, _ unit: String, of session: Session, limit: JSON?, per divisor: Double, least: Bool = false,
    _ value: (SecondPoint) -> Double?
  ) -> LineChart {
    let reach = session.points.map { since($0.to) }.max() ?? 1
    let marks = events.filter { Inspection.concerns($0, session) }.map { (at: since($0.fact.bootTime), number: $0.number) }
    return LineChart(
      title: title, unit: unit, points: session.points.map { (since($0.to), value($0)) }, limit: limit?.intValue.map { Double($0) / divisor },
      limitIsLeast: least, span: min(0, since(session.header.started))...max(since(end), reach, 1), marks: marks)
  }

  /// The longest freeze of each window, as a step that lasts as long as the window.
  private func freezes(_ session: Session, _ limits: JSON?) -> LineChart {
    var chart = chart("卡顿 freezes", "s", of: session, limit: limits?["longestFreeze"]?["maximumNs"], per: 1e9) { _ in nil }
    chart.points = session.windows.flatMap { window in
      let longest = window.window.fields["longestFreezeNs"]?.intValue.map { Double($0) / 1e9 }
      return [(since(window.window.from), longest), (since(window.window.to), longest), (since(window.window.to), nil)]
    }
    return chart
  }

  private static func concerns(_ event: Event, _ session: Session) -> Bool {
    event.fact.stream.map { $0 == session.header.stream.path } ?? true
  }
}
