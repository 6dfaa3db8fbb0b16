public import Measure
public import Model

/// An incident's report as one HTML file, Chinese first, fit for print: the verdict with both brackets, the time line, each device's recording and gaps,
/// the snapshots, and where in the journal it can be checked.
public struct IncidentReport: Sendable {
  /// The node that prints.
  public var node: String
  /// `county` or `province`.
  public var role: String
  /// Of the program that prints.
  public var version: String
  /// As the API gives it.
  public var incident: IncidentOutput
  /// The archive's answer for each device by name, of the incident's ``IncidentOutput/period``; of a device without one nothing is known.
  public var archives: [String: JSON]
  /// Snapshots, and whether there is a receipt.
  public var files: ReportFiles
  /// The number of the newest fact when this was printed.
  public var journalSequence: Int64
  /// Its hash, in lower-case hexadecimal.
  public var journalHash: String
  /// A label; no figure is made of it.
  public var printed: WallTime

  /// What each member is stands beside it.
  public init(
    node: String, role: String, version: String, incident: IncidentOutput, archives: [String: JSON], files: ReportFiles,
    journalSequence: Int64, journalHash: String, printed: WallTime
  ) {
    self.node = node
    self.role = role
    self.version = version
    self.incident = incident
    self.archives = archives
    self.files = files
    self.journalSequence = journalSequence
    self.journalHash = journalHash
    self.printed = printed
  }

  /// The whole page. It fetches nothing and runs nothing.
  public var html: String { page.text }

  private var page: HTML {
    .page(
      title: "\(incident.title) · 首帧报告", style: IncidentReport.style,
      body: [head, figures, timeline, breakdown, devices, pictures, refusals, foot])
  }

  private var head: HTML {
    var head = HTML.element("h1", incident.title)
    head += .element("p", "事件编号 incident \(incident.id) · 节点 node \(node)(\(role))", class: "quiet")
    head += .element("p", ReportWords.verdict(incident.verdict), class: "verdict \(incident.verdict.rawValue)")
    if !incident.reasons.isEmpty { head += .element("p", "原因 reasons: " + incident.reasons.map(\.rawValue).joined(separator: ", ")) }
    return head
  }

  private var figures: HTML {
    HTML(
      .element("h2", "结论数据 Figures"), .table([["项目 figure", "数值 value", "说明 meaning"]] + figureRows),
      .element(
        "p", "起点是接报写入日志的时刻,不是电话铃响的时刻。The clock starts when the report entered the journal, not when the telephone rang.", class: "quiet"))
  }

  private var figureRows: [[String]] {
    let (county, province) = (incident.county, incident.province)
    var rows = [
      ["县中心首图 T_county", ReportWords.seconds(county.seconds), "t1 → 县中心解码出可见画面;同一时钟 one clock"],
      ["省中心首图,县侧区间", ReportWords.bracket(province.countyBracket), "c(E6)−c(E1) … c(E8)−c(E1)"],
      ["省中心首图,省侧区间", ReportWords.bracket(province.provinceBracket), "p(E7)−p(E1′) … p(E7)−p(B)"],
    ]
    if let bridged = county.bridged {
      rows.append(["县中心首图,跨重启", ReportWords.bracket(bridged), "县节点在接报后重启过;以省中心时钟衔接 bridged over the province's clock"])
    }
    if let dated = province.dated {
      rows.append(["省中心首图,时钟换算", ReportWords.bracket(dated), "p(E7) 按时钟偏差区间换算到县时钟;仅供参考,不参与判定 by the clocks' offset; never judged"])
    }
    return rows + [
      ["证明等级 grade", province.grade?.rawValue ?? "—", "回执由省中心签名 receipt signed by the upper centre"],
      ["考核办法 policy", incident.policy ?? "—", "SHA-256 \(incident.policySha256 ?? "—")"],
      ["时限 limit", ReportWords.seconds(incident.limitSeconds), ""],
    ]
  }

  private var timeline: HTML {
    let begin = incident.steps.first { $0.id == .t1 }?.bootNs
    let rows = incident.steps.map { step in
      let since = begin.map { ReportWords.seconds(Double(step.bootNs &- $0) / 1e9) } ?? "—"
      return [ReportWords.step(step.id), since, step.wall, step.device ?? "", step.source]
    }
    return HTML(
      .element("h2", "时间线 Time line"),
      .table([["步骤 step", "自接报 since t1", "时钟 wall (label)", "设备 device", "来源 source"]] + rows))
  }

  private var refusals: HTML {
    guard !incident.refusals.isEmpty else { return .empty }
    return HTML(
      .element("h2", "未计入 Refused"),
      .table([["对象 what", "来自 from", "原因 reason"]] + incident.refusals.map { [$0.what, $0.from, $0.reason] }))
  }

  /// Only where there is a receipt; by its own signer's key, for an uplink may have been paired anew since.
  private var receiptCheck: HTML {
    guard files.hasReceipt else { return .empty }
    return """

      openssl pkeyutl -verify -pubin -inkey DATA/receipts/\(incident.id).pub.pem -rawin -in DATA/receipts/\(incident.id).json \\
        -sigfile DATA/receipts/\(incident.id).sig
      """
  }

  private var foot: HTML {
    """
    \(HTML.element("h2", "如何核对 How to check"))<pre>firstframe recompute --data DATA
    python3 scripts/recompute.py DATA
    firstframe archive check --data DATA\(receiptCheck)</pre>
    \(HTML.element("p", "日志 journal: seq \(journalSequence), SHA-256 \(journalHash)", class: "quiet"))\
    \(HTML.element("p", "打印 printed \(printed) · FirstFrame \(version)", class: "quiet"))
    """
  }
}
