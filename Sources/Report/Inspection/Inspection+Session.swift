internal import Measure
internal import Model

/// One session of the page: its charts, its windows and its sample blocks.
extension Inspection {
  private static let outcomes = [
    "pass": "达标 pass", "fail": "不达标 fail", "undetermined": "无法判定 undetermined", "pending": "进行中 pending", "excluded": "已排除 excluded",
  ]

  func section(_ session: Session) -> HTML {
    let header = session.header
    return """
      \(HTML.element("h2", "\(header.stream.path) · \(header.hop.rawValue) · \(header.mediaProtocol.rawValue)"))\
      \(HTML.element("p", "会话 session \(header.session) · 方法 method \(header.method.rawValue) · \(axis) \(ReportWords.seconds(since(header.started)))", class: "quiet"))\
      \(Inspection.line(session))<div class="charts">
      \(charts(session).map(\.svg))</div>
      \(windows(session))\(Inspection.blocks(session))
      """
  }

  private static func line(_ session: Session) -> HTML {
    guard let line = session.line else { return .empty }
    let reasons = line.reasons.isEmpty ? "" : "(\(line.reasons.joined(separator: " ")))"
    return .element("p", "连线质量 line: \(outcomes[line.outcome] ?? line.outcome)\(reasons)", class: line.outcome == "fail" ? "bad" : "quiet")
  }

  private static func blocks(_ session: Session) -> HTML {
    let lines: [HTML] = session.blocks.map { "\("\($0.file) #\($0.index) \($0.sha256)" as String)\n" }
    return """
      \(HTML.element("p", "采样块 sample blocks: \(session.blocks.count)", class: "quiet"))<details><summary>SHA-256</summary><pre>
      \(lines)</pre></details>

      """
  }

  private func windows(_ session: Session) -> HTML {
    guard !session.windows.isEmpty else { return .element("p", "没有完整窗口 no window has closed") }
    let head = [
      axis, "结论 verdict", "原因 reasons", "无法判定 open", "未判定 not judged", "预警 warnings", "丢包 loss ppm",
      "PDV p99.9 ms", "RTT p95 ms", "单向 one-way p95 ms", "完好帧率 fps", "卡顿 freeze s", "公布 published",
    ]
    let table = HTML.table([head] + session.windows.map(row))
    guard let profile = session.windows.lazy.compactMap(\.profile).first else { return table }
    return HTML(
      table, .element("p", "质量标准 profile \(profile.id) v\(profile.version) SHA-256 \(profile.sha256)", class: "quiet"))
  }

  private func row(_ window: RecomputedWindow) -> [String] {
    let fields = window.window.fields
    let judgement = window.judgement
    func divided(_ value: JSON?, by divisor: Double) -> String { value?.intValue.map { LineChart.text(Double($0) / divisor) } ?? "—" }
    return [
      "\(ReportWords.seconds(since(window.window.from))) … \(ReportWords.seconds(since(window.window.to)))",
      judgement.map { ReportWords.verdict($0.verdict) } ?? "—", judgement?.reasons.map(\.rawValue).joined(separator: " ") ?? "",
      judgement?.open.map(\.rawValue).joined(separator: " ") ?? "", judgement?.notJudged.joined(separator: " ") ?? "",
      judgement?.warnings.joined(separator: " ") ?? "", fields["residualLossPPM"]?.intValue.map { String($0) } ?? "—",
      divided(fields["delayVariationNs"]?["p999"], by: 1e6), divided(fields["roundTripNs"]?["p95"], by: 1e6),
      "\(divided(fields["oneWayDelayLowNs"]?["p95"], by: 1e6)) … \(divided(fields["oneWayDelayHighNs"]?["p95"], by: 1e6))",
      divided(fields["cleanFrameRateMilli"], by: 1000), divided(fields["freezeNs"], by: 1e9), ReportWords.yesNo(window.isPublished),
    ]
  }
}
