public import Measure
public import Model

/// An incident's report as one HTML file, Chinese first, fit for print: the verdict with both brackets, the time line, each device's recording and gaps,
/// the snapshots, and where in the journal it can be checked.
public struct IncidentReport: Sendable {
  public var node: String
  public var role: String
  public var version: String
  public var incident: IncidentOutput
  /// The archive's answer for each device by name.
  public var archives: [String: JSON]
  /// Snapshots as Base64 JPEG, by the device's index in the incident.
  public var snapshots: [Int: String]
  public var journalSequence: Int64
  public var journalHash: String
  public var printed: WallTime

  public init(
    node: String, role: String, version: String, incident: IncidentOutput, archives: [String: JSON], snapshots: [Int: String],
    journalSequence: Int64, journalHash: String, printed: WallTime
  ) {
    self.node = node
    self.role = role
    self.version = version
    self.incident = incident
    self.archives = archives
    self.snapshots = snapshots
    self.journalSequence = journalSequence
    self.journalHash = journalHash
    self.printed = printed
  }

  public var html: String {
    var page = HTMLText()
    page.raw("<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">")
    page.element("title", "\(incident.title) · 首帧报告")
    page.raw("<style>\(IncidentReport.style)</style></head><body>")
    head(&page)
    figures(&page)
    timeline(&page)
    breakdown(&page)
    devices(&page)
    pictures(&page)
    refusals(&page)
    foot(&page)
    page.raw("</body></html>")
    return page.text
  }

  private func head(_ page: inout HTMLText) {
    page.element("h1", incident.title)
    page.element("p", "事件编号 incident \(incident.id) · 节点 node \(node)(\(role))", class: "quiet")
    page.raw("<p class=\"verdict \(incident.verdict.rawValue)\">\(HTMLText.escaped(IncidentReport.words(incident.verdict)))</p>")
    if !incident.reasons.isEmpty { page.element("p", "原因 reasons: " + incident.reasons.map(\.rawValue).joined(separator: ", ")) }
  }

  private func figures(_ page: inout HTMLText) {
    page.element("h2", "结论数据 Figures")
    var rows = [["项目 figure", "数值 value", "说明 meaning"]]
    rows.append(["县中心首图 T_county", IncidentReport.seconds(incident.county.seconds), "t1 → 县中心解码出可见画面;同一时钟 one clock"])
    rows.append(["省中心首图,县侧区间", IncidentReport.bracket(incident.province.countyBracket), "c(E6)−c(E1) … c(E8)−c(E1)"])
    rows.append(["省中心首图,省侧区间", IncidentReport.bracket(incident.province.provinceBracket), "p(E7)−p(E1′) … p(E7)−p(B)"])
    if let bridged = incident.county.bridged {
      rows.append(["县中心首图,跨重启", IncidentReport.bracket(bridged), "县节点在接报后重启过;以省中心时钟衔接 bridged over the province's clock"])
    }
    if let dated = incident.province.dated {
      rows.append(["省中心首图,时钟换算", IncidentReport.bracket(dated), "p(E7) 按时钟偏差区间换算到县时钟;仅供参考,不参与判定 by the clocks' offset; never judged"])
    }
    rows.append(["证明等级 grade", incident.province.grade?.rawValue ?? "—", "回执由省中心签名 receipt signed by the upper centre"])
    rows.append(["考核办法 policy", incident.policy ?? "—", "SHA-256 \(incident.policySha256 ?? "—")"])
    rows.append(["时限 limit", IncidentReport.seconds(incident.limitSeconds), ""])
    page.table(rows)
    page.element(
      "p", "起点是接报写入日志的时刻,不是电话铃响的时刻。The clock starts when the report entered the journal, not when the telephone rang.", class: "quiet")
  }

  private func timeline(_ page: inout HTMLText) {
    page.element("h2", "时间线 Time line")
    let begin = incident.steps.first { $0.id == .t1 }?.bootNs
    var rows = [["步骤 step", "自接报 since t1", "时钟 wall (label)", "设备 device", "来源 source"]]
    for step in incident.steps {
      let since = begin.map { IncidentReport.seconds(Double(step.bootNs &- $0) / 1e9) } ?? "—"
      rows.append([IncidentReport.words(step.id), since, step.wall, step.device ?? "", step.source])
    }
    page.table(rows)
  }

  /// Where the time went, the largest part named so that someone can act on it.
  private func breakdown(_ page: inout HTMLText) {
    guard let made = incident.breakdown else { return }
    page.element("h2", "用时分解 Where the time went")
    var rows = [["环节 part(\(made.device))", "用时 time", "说明 meaning"]]
    for part in IncidentBreakdown.Part.allCases {
      let (name, meaning) = IncidentReport.words(part)
      rows.append([name, IncidentReport.seconds(made[part]), part == made.largest ? "\(meaning) ← 最长 largest" : meaning])
    }
    let crew = [("应答 answer", made.answer), ("赶赴 travel", made.travel), ("架设 setup", made.setup)]
    rows.append(["其中人员 of the crew", crew.map { "\($0.0) \(IncidentReport.seconds($0.1))" }.joined(separator: " · "), "t2 → t3 → t4 → 上线"])
    page.table(rows)
    if let step = made.waitingFor { page.element("p", "尚未到达 not taken: \(IncidentReport.words(step))") }
    for retry in incident.retries {
      page.element("p", "重报 said up again: \(retry.uplink),自接报 since t1 \(IncidentReport.seconds(retry.sinceSeconds))", class: "quiet")
    }
    for shown in incident.shown {
      page.element(
        "p", "大厅已显示 shown: \(shown.device) (\(shown.what.rawValue)),自接报 since t1 \(IncidentReport.seconds(shown.sinceSeconds)) — 不是 t6 never t6",
        class: "quiet")
    }
    if incident.devices.contains(where: \.preopened) {
      page.element("p", "接报前已开的流只计接报后收到的画面。A stream that was live before t1 counts only with a picture received after it.", class: "quiet")
    }
  }

  private func devices(_ page: inout HTMLText) {
    page.element("h2", "设备与录像 Devices and recordings")
    var rows = [["设备 device", "类型 class", "流 stream", "计入 counts", "接报前已开 preopened", "分段 segments", "缺口 gaps"]]
    for device in incident.devices {
      let archive = archives[device.name]
      let gaps = archive?["gaps"]?.arrayValue ?? []
      let texts = gaps.map { gap in
        let length = (gap["toNs"]?.intValue ?? 0) &- (gap["fromNs"]?.intValue ?? 0)
        return "\(IncidentReport.seconds(Double(length) / 1e9)) (\(gap["cause"]?.stringValue ?? "?"))"
      }
      rows.append([
        device.name, device.deviceClass?.rawValue ?? "—", device.stream, device.eligible ? "是 yes" : "否 no",
        device.preopened ? "是 yes" : "否 no", String(archive?["segments"]?.arrayValue?.count ?? 0),
        texts.isEmpty ? "无 none" : texts.joined(separator: "; "),
      ])
    }
    page.table(rows)
  }

  private func pictures(_ page: inout HTMLText) {
    guard !snapshots.isEmpty else { return }
    page.element("h2", "首图 First pictures")
    page.raw("<div class=\"pictures\">")
    for (index, base64) in snapshots.sorted(by: { $0.key < $1.key }) {
      let name = incident.devices.indices.contains(index) ? incident.devices[index].name : "#\(index)"
      page.raw("<figure><img alt=\"\(HTMLText.escaped(name))\" src=\"data:image/jpeg;base64,\(base64)\">")
      page.element("figcaption", name)
      page.raw("</figure>")
    }
    page.raw("</div>")
  }

  private func refusals(_ page: inout HTMLText) {
    guard !incident.refusals.isEmpty else { return }
    page.element("h2", "未计入 Refused")
    page.table([["对象 what", "来自 from", "原因 reason"]] + incident.refusals.map { [$0.what, $0.from, $0.reason] })
  }

  private func foot(_ page: inout HTMLText) {
    page.element("h2", "如何核对 How to check")
    page.raw("<pre>firstframe recompute --data DATA\npython3 recompute.py DATA\nfirstframe archive check --data DATA")
    page.raw("openssl pkeyutl -verify -pubin -inkey receipts/pub.pem -rawin -in receipts/\(HTMLText.escaped(incident.id)).json \\")
    page.raw("  -sigfile receipts/\(HTMLText.escaped(incident.id)).sig</pre>")
    page.element("p", "日志 journal: seq \(journalSequence), SHA-256 \(journalHash)", class: "quiet")
    page.element("p", "打印 printed \(printed) · FirstFrame \(version)", class: "quiet")
  }

  // MARK: Words

  static func seconds(_ value: Double?) -> String {
    guard let value else { return "—" }
    let milliseconds = Int64((value * 1000).rounded(.toNearestOrEven))
    let sign = milliseconds < 0 ? "-" : ""
    let fraction = String(milliseconds.magnitude % 1000)
    return "\(sign)\(milliseconds.magnitude / 1000).\(String(repeating: "0", count: 3 - fraction.utf8.count))\(fraction) s"
  }

  static func bracket(_ bounds: IncidentOutput.Bounds?) -> String {
    bounds.map { "[\(seconds($0.lowerSeconds)), \(seconds($0.upperSeconds))]" } ?? "—"
  }

  static func words(_ verdict: Verdict) -> String {
    switch verdict {
    case .pass: "达标 pass"
    case .fail: "不达标 fail"
    case .undetermined: "无法判定 undetermined"
    }
  }

  static func words(_ part: IncidentBreakdown.Part) -> (name: String, meaning: String) {
    switch part {
    case .desk: ("值班 desk", "t1 接报 → t2 指令下达")
    case .crew: ("出动 crew", "t2 → 设备上线")
    case .network: ("连接 network", "上线 → t5 首包")
    case .keyFrame: ("等关键帧 key frame", "t5 → t5k")
    case .decode: ("解码 decode", "t5k → t6 县中心首图")
    case .uplink: ("上行 uplink", "t6 → t8 省中心回执")
    }
  }

  static func words(_ step: StepID) -> String {
    let names: [StepID: String] = [
      .t1: "接报", .t2: "指令下达", .t3: "应答", .t4: "到场", .t5: "首包", .t5k: "首个关键帧", .t6: "县中心首图", .t8: "省中心首图", .t9: "语音双通", .t10: "结束",
    ]
    return "\(step.rawValue) \(names[step] ?? "")"
  }

  private static let style = """
    body{font:15px/1.6 "Noto Sans CJK SC","Noto Sans SC",sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b2430}
    h1{margin:0}h2{margin:1.6rem 0 .4rem;font-size:1.1rem;border-bottom:1px solid #ccd3dc}table{border-collapse:collapse;width:100%}
    th,td{border:1px solid #ccd3dc;padding:.3rem .5rem;text-align:left;vertical-align:top}th{background:#f2f5f8}
    .quiet{color:#5b6776;font-size:.85rem;overflow-wrap:anywhere}.verdict{font-size:1.4rem;font-weight:700;padding:.3rem .8rem;display:inline-block}
    .pass{background:#dff3e4;color:#11602a}.fail{background:#fbe0de;color:#8f1d14}.undetermined{background:#fff1d2;color:#7a5300}
    .pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(14rem,1fr));gap:.8rem}figure{margin:0}img{width:100%}
    pre{background:#f2f5f8;padding:.6rem;overflow-x:auto}@media print{body{margin:0}h2{break-after:avoid}}
    """
}
