internal import Measure
internal import Model

extension Inspection {
  /// One HTML file, Chinese first, fit for print: nothing is fetched, nothing runs.
  public var html: String {
    var page = HTMLText()
    page.raw("<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">")
    page.element("title", "\(incident?.title ?? id) · 首帧核查")
    page.raw("<style>\(Inspection.style)</style></head><body>")
    head(&page)
    eventTable(&page)
    for session in sessions { show(session, &page) }
    if sessions.isEmpty { page.element("p", "本节点没有这些流在此期间的采样。No samples of these streams on this node in that time.") }
    foot(&page)
    page.raw("</body></html>")
    return page.text
  }

  private func head(_ page: inout HTMLText) {
    page.element("h1", "核查 Inspection · \(incident?.title ?? id)")
    page.element("p", "\(incident == nil ? "会话 session" : "事件 incident") \(id) · 节点 node \(node) · 启动 boot \(boot)", class: "quiet")
    page.raw("<p class=\"verdict \(verdict.rawValue)\">\(HTMLText.escaped(IncidentReport.words(verdict)))</p>")
    page.element("p", "墙上时钟 wall clock: \(Inspection.words(clockState))", class: "quiet")
    if !elsewhere.isEmpty {
      page.element("p", "本节点其他启动中的会话另有核查页 sessions of other boots, with pages of their own: \(elsewhere.joined(separator: " "))")
    }
    if let incident { figures(of: incident, &page) }
    if differences.isEmpty, problems.isEmpty {
      page.element("p", "✓ 由采样和事实复算,与公布的数据全部一致 everything published comes out the same from samples and facts", class: "good")
    }
    for problem in problems { page.element("p", "✗ 损坏 damaged: \(problem)", class: "bad") }
    for difference in differences {
      page.element(
        "p", "✗ 不一致 differs: seq \(difference.sequence) \(difference.member): 公布 \(difference.published.text), 复算 \(difference.recomputed.text)",
        class: "bad")
    }
  }

  private static func words(_ state: Fact?) -> String {
    guard let state else { return "状态未知 state unknown" }
    let error = state["maxErrorNs"]?.intValue.map { " · 最大误差 error at most \(LineChart.text(Double($0) / 1e6)) ms" } ?? ""
    return state["synced"]?.boolValue == true ? "已同步 synchronised\(error)" : "未同步,仅作标签 not synchronised: a label and no more"
  }

  private func figures(of incident: IncidentOutput, _ page: inout HTMLText) {
    page.table([
      ["项目 figure", "数值 value", "由何得出 from"],
      ["县中心首图 T_county", IncidentReport.seconds(incident.county.seconds), "picture.decoded − incident.opened"],
      ["县侧区间 county's bracket", IncidentReport.bracket(incident.province.countyBracket), "keyframe.sent, receipt.received"],
      ["省侧区间 province's bracket", IncidentReport.bracket(incident.province.provinceBracket), "receipt: decodedNs, heardNs, beaconNs"],
      ["证明等级 grade", incident.province.grade?.rawValue ?? "—", "receipt"],
      ["考核办法 policy", incident.policy ?? "—", "SHA-256 \(incident.policySha256 ?? "—")"],
    ])
  }

  private static let outcomes = [
    "pass": "达标 pass", "fail": "不达标 fail", "undetermined": "无法判定 undetermined", "pending": "进行中 pending", "excluded": "已排除 excluded",
  ]

  /// What times count from.
  private var axis: String { incident == nil ? "自开始 since its start" : "自接报 since t1" }

  private func eventTable(_ page: inout HTMLText) {
    page.element("h2", "事件 Events(编号标在各图上 numbered in the charts)")
    var rows = [["#", axis, "事件 event", "流、设备 stream, device", "详情 detail", "日志 seq"]]
    for event in events {
      let fact = event.fact
      let detail = ["cause", "reason", "code", "origin", "minutes", "uplink"].compactMap { key in fact[key].map { "\(key)=\($0.text)" } }
      rows.append([
        String(event.number), IncidentReport.seconds(since(fact.bootTime)), event.words,
        fact["device"]?.stringValue ?? fact["stream"]?.stringValue ?? "", detail.joined(separator: " "), String(fact.sequence),
      ])
    }
    page.table(rows)
  }

  private func show(_ session: Session, _ page: inout HTMLText) {
    let header = session.header
    page.element("h2", "\(header.stream.path) · \(header.hop.rawValue) · \(header.mediaProtocol.rawValue)")
    page.element(
      "p",
      "会话 session \(header.session) · 方法 method \(header.method.rawValue) · \(axis) \(IncidentReport.seconds(since(header.started)))",
      class: "quiet")
    if let line = session.line {
      let reasons = line.reasons.isEmpty ? "" : "(\(line.reasons.joined(separator: " ")))"
      page.element("p", "连线质量 line: \(Inspection.outcomes[line.outcome] ?? line.outcome)\(reasons)", class: line.outcome == "fail" ? "bad" : "quiet")
    }
    page.raw("<div class=\"charts\">")
    for chart in charts(session) { page.raw(chart.svg) }
    page.raw("</div>")
    windows(session, &page)
    page.element("p", "采样块 sample blocks: \(session.blocks.count)", class: "quiet")
    page.raw("<details><summary>SHA-256</summary><pre>")
    for block in session.blocks { page.raw(HTMLText.escaped("\(block.file) #\(block.index) \(block.sha256)")) }
    page.raw("</pre></details>")
  }

  private func charts(_ session: Session) -> [LineChart] {
    let limits = session.profile?["metrics"]
    let reach = session.points.map { since($0.to) }
    let span = min(0, since(session.header.started))...max(since(end), reach.max() ?? 1, 1)
    let marks = events.filter { Inspection.concerns($0, session) }.map { (at: since($0.fact.bootTime), number: $0.number) }
    func chart(_ title: String, _ unit: String, _ limit: Double?, least: Bool = false, _ value: (SecondPoint) -> Double?) -> LineChart {
      LineChart(
        title: title, unit: unit, points: session.points.map { (since($0.to), value($0)) }, limit: limit, limitIsLeast: least, span: span,
        marks: marks)
    }
    let loss = limits?["residualLoss"]?["maximumPPM"]?.intValue.map { Double($0) / 10_000 }
    let variation = limits?["delayVariationP999"]?["maximumNs"]?.intValue.map { Double($0) / 1e6 }
    let rate = limits?["cleanFrameRate"]?["minimumMilli"]?.intValue.map { Double($0) / 1000 }
    let trip = limits?["roundTrip"]?["maximumNs"]?.intValue.map { Double($0) / 1e6 }
    var charts = [
      chart("完好帧率 clean frames", "fps", rate, least: true) { $0.cleanFrameRate },
      chart("时延变化 delay variation (PDV)", "ms", variation) { $0.delayVariationNs.map { Double($0) / 1e6 } },
    ]
    if session.points.contains(where: { $0.packetsExpected > 0 }) { charts.append(chart("丢包 loss", "%", loss) { $0.lossPercent }) }
    if session.points.contains(where: { $0.roundTripNs != nil }) {
      charts.append(chart("往返时延 round trip", "ms", trip) { $0.roundTripNs.map { Double($0) / 1e6 } })
    }
    if session.points.contains(where: { $0.oneWayDelayHighNs != nil }) {
      let most = limits?["endToEndDelay"]?["maximumNs"]?.intValue.map { Double($0) / 1e6 }
      charts.append(chart("单向时延上界 one-way delay, upper bound", "ms", most) { $0.oneWayDelayHighNs.map { Double($0) / 1e6 } })
    }
    var frozen = chart("卡顿 freezes", "s", limits?["longestFreeze"]?["maximumNs"]?.intValue.map { Double($0) / 1e9 }) { _ in nil }
    frozen.points = session.windows.flatMap { window in
      let longest = window.window.fields["longestFreezeNs"]?.intValue.map { Double($0) / 1e9 }
      return [(since(window.window.from), longest), (since(window.window.to), longest), (since(window.window.to), nil)]
    }
    charts.append(frozen)
    return charts
  }

  private static func concerns(_ event: Event, _ session: Session) -> Bool {
    event.fact["stream"]?.stringValue.map { $0 == session.header.stream.path } ?? true
  }

  private func windows(_ session: Session, _ page: inout HTMLText) {
    guard !session.windows.isEmpty else {
      return page.element("p", "没有完整窗口 no window has closed")
    }
    var rows = [
      [
        axis, "结论 verdict", "原因 reasons", "无法判定 open", "未判定 not judged", "预警 warnings", "丢包 loss ppm",
        "PDV p99.9 ms", "RTT p95 ms", "单向 one-way p95 ms", "完好帧率 fps", "卡顿 freeze s", "公布 published",
      ]
    ]
    for window in session.windows {
      let fields = window.window.fields
      func milli(_ value: JSON?, by divisor: Double) -> String { value?.intValue.map { LineChart.text(Double($0) / divisor) } ?? "—" }
      rows.append([
        "\(IncidentReport.seconds(since(window.window.from))) … \(IncidentReport.seconds(since(window.window.to)))",
        window.judgement.map { IncidentReport.words($0.verdict) } ?? "—",
        window.judgement?.reasons.map(\.rawValue).joined(separator: " ") ?? "", window.judgement?.open.map(\.rawValue).joined(separator: " ") ?? "",
        window.judgement?.notJudged.joined(separator: " ") ?? "", window.judgement?.warnings.joined(separator: " ") ?? "",
        fields["residualLossPPM"]?.intValue.map { String($0) } ?? "—",
        milli(fields["delayVariationNs"]?["p999"], by: 1e6), milli(fields["roundTripNs"]?["p95"], by: 1e6),
        "\(milli(fields["oneWayDelayLowNs"]?["p95"], by: 1e6)) … \(milli(fields["oneWayDelayHighNs"]?["p95"], by: 1e6))",
        milli(fields["cleanFrameRateMilli"], by: 1000),
        milli(fields["freezeNs"], by: 1e9), window.isPublished ? "是 yes" : "否 no",
      ])
    }
    page.table(rows)
    if let profile = session.windows.lazy.compactMap(\.profile).first {
      page.element("p", "质量标准 profile \(profile.id) v\(profile.version) SHA-256 \(profile.sha256)", class: "quiet")
    }
  }

  private func foot(_ page: inout HTMLText) {
    page.element("h2", "如何核对 How to check")
    page.raw("<pre>firstframe recompute --data DATA --json | sha256sum\npython3 scripts/recompute.py DATA | sha256sum</pre>")
    page.element(
      "p",
      "图由每秒采样画出,结论按 60 秒窗口得出;阈值线来自判定所用的标准。Charts are drawn from each second's samples, verdicts are of 60 s windows; limits are the judging profile's.",
      class: "quiet")
  }

  private static let style = """
    body{font:14px/1.5 "Noto Sans CJK SC","Noto Sans SC",sans-serif;max-width:64rem;margin:1.5rem auto;padding:0 1rem;color:#1b2430}
    h1{margin:0}h2{margin:1.4rem 0 .4rem;font-size:1.05rem;border-bottom:1px solid #ccd3dc}table{border-collapse:collapse;width:100%;font-size:.85rem}
    th,td{border:1px solid #ccd3dc;padding:.2rem .4rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}th{background:#f2f5f8}
    .quiet{color:#5b6776;font-size:.82rem;overflow-wrap:anywhere}.good{color:#11602a}.bad{color:#8f1d14}
    .verdict{font-size:1.3rem;font-weight:700;padding:.2rem .8rem;display:inline-block}
    .pass{background:#dff3e4;color:#11602a}.fail{background:#fbe0de;color:#8f1d14}.undetermined{background:#fff1d2;color:#7a5300}
    svg{width:100%;height:auto;display:block;margin:.3rem 0;break-inside:avoid}svg text{font-size:11px;fill:#44505e}svg .t{font-weight:700;fill:#1b2430}
    .f{fill:none;stroke:#ccd3dc}.p{fill:none;stroke:#0b5cad;stroke-width:1.4;stroke-linecap:round}.l{stroke:#b3261e;stroke-dasharray:6 4}.m{stroke:#8a94a1;stroke-dasharray:2 3}
    .n{text-anchor:middle}pre{background:#f2f5f8;padding:.5rem;overflow-x:auto}@media print{body{margin:0;max-width:none}h2{break-after:avoid}details{display:none}}
    """
}
