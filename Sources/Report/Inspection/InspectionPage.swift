internal import Measure
internal import Model

extension Inspection {
  /// One HTML file, Chinese first, fit for print: nothing is fetched, nothing runs.
  public var html: String { page.text }

  private var page: HTML {
    var parts = [head, eventTable] + sessions.map(section)
    if sessions.isEmpty { parts.append(.element("p", "本节点没有这些流在此期间的采样。No samples of these streams on this node in that time.")) }
    return .page(title: "\(incident?.title ?? id) · 首帧核查", style: Inspection.style, body: parts + [foot])
  }

  private var head: HTML {
    var head = HTML(
      .element("h1", "核查 Inspection · \(incident?.title ?? id)"),
      .element("p", "\(incident == nil ? "会话 session" : "事件 incident") \(id) · 节点 node \(node) · 启动 boot \(boot)", class: "quiet"),
      .element("p", ReportWords.verdict(verdict), class: "verdict \(verdict.rawValue)"),
      .element("p", "墙上时钟 wall clock: \(Inspection.words(clockState))", class: "quiet"))
    if !elsewhere.isEmpty {
      head += .element("p", "本节点其他启动中的会话另有核查页 sessions of other boots, with pages of their own: \(elsewhere.joined(separator: " "))")
    }
    if let incident { head += Inspection.figures(of: incident) }
    return HTML(head, agreement)
  }

  /// Whether what was published comes out again, and where it does not.
  private var agreement: HTML {
    if differences.isEmpty, problems.isEmpty {
      return .element("p", "✓ 由采样和事实复算,与公布的数据全部一致 everything published comes out the same from samples and facts", class: "good")
    }
    var list = HTML.empty
    for problem in problems { list += .element("p", "✗ 损坏 damaged: \(problem)", class: "bad") }
    for difference in differences {
      list += .element(
        "p", "✗ 不一致 differs: seq \(difference.sequence) \(difference.member): 公布 \(difference.published.text), 复算 \(difference.recomputed.text)",
        class: "bad")
    }
    return list
  }

  private static func words(_ state: Fact?) -> String {
    guard let state else { return "状态未知 state unknown" }
    let error = state["maxErrorNs"]?.intValue.map { " · 最大误差 error at most \(LineChart.text(Double($0) / 1e6)) ms" } ?? ""
    return state["synced"]?.boolValue == true ? "已同步 synchronised\(error)" : "未同步,仅作标签 not synchronised: a label and no more"
  }

  private static func figures(of incident: IncidentOutput) -> HTML {
    .table([
      ["项目 figure", "数值 value", "由何得出 from"],
      ["县中心首图 T_county", ReportWords.seconds(incident.county.seconds), "picture.decoded − incident.opened"],
      ["县侧区间 county's bracket", ReportWords.bracket(incident.province.countyBracket), "keyframe.sent, receipt.received"],
      ["省侧区间 province's bracket", ReportWords.bracket(incident.province.provinceBracket), "receipt: decodedNs, heardNs, beaconNs"],
      ["证明等级 grade", incident.province.grade?.rawValue ?? "—", "receipt"],
      ["考核办法 policy", incident.policy ?? "—", "SHA-256 \(incident.policySha256 ?? "—")"],
    ])
  }

  /// What times count from.
  var axis: String { incident == nil ? "自开始 since its start" : "自接报 since t1" }

  private var eventTable: HTML {
    let rows = events.map { event in
      let fact = event.fact
      let detail = ["cause", "reason", "code", "origin", "minutes", "uplink"].compactMap { key in fact[key].map { "\(key)=\($0.text)" } }
      return [
        String(event.number), ReportWords.seconds(since(fact.bootTime)), event.words,
        fact.device ?? fact.stream ?? "", detail.joined(separator: " "), String(fact.sequence),
      ]
    }
    return HTML(
      .element("h2", "事件 Events(编号标在各图上 numbered in the charts)"),
      .table([["#", axis, "事件 event", "流、设备 stream, device", "详情 detail", "日志 seq"]] + rows))
  }

  private var foot: HTML {
    """
    \(HTML.element("h2", "如何核对 How to check"))<pre>firstframe recompute --data DATA --json | sha256sum
    python3 scripts/recompute.py DATA | sha256sum</pre>
    \(HTML.element("p", Inspection.howMade, class: "quiet"))
    """
  }

  private static let howMade =
    "图由每秒采样画出,结论按 60 秒窗口得出;阈值线来自判定所用的标准。Charts are drawn from each second's samples, verdicts are of 60 s windows; limits are the judging profile's."
}
