internal import Measure
internal import Model

/// Where the time went, and what each device left behind.
extension IncidentReport {
  /// The largest part is named, so that someone can act on it.
  var breakdown: HTML {
    guard let made = incident.breakdown else { return .empty }
    var rows = [["环节 part(\(made.device))", "用时 time", "说明 meaning"]]
    for part in IncidentBreakdown.Part.allCases {
      let (name, meaning) = ReportWords.part(part)
      rows.append([name, ReportWords.seconds(made[part]), part == made.largest ? "\(meaning) ← 最长 largest" : meaning])
    }
    let crew = [("应答 answer", made.answer), ("赶赴 travel", made.travel), ("架设 setup", made.setup)]
    rows.append(["其中人员 of the crew", crew.map { "\($0.0) \(ReportWords.seconds($0.1))" }.joined(separator: " · "), "t2 → t3 → t4 → 上线"])
    var section = HTML(.element("h2", "用时分解 Where the time went"), .table(rows))
    if let step = made.waitingFor { section += .element("p", "尚未到达 not taken: \(ReportWords.step(step))") }
    return HTML(section, remarks)
  }

  /// What else a reader of the figures must know.
  private var remarks: HTML {
    var remarks = HTML.empty
    for retry in incident.retries {
      remarks += .element("p", "重报 announced again: \(retry.uplink),自接报 since t1 \(ReportWords.seconds(retry.sinceSeconds))", class: "quiet")
    }
    for shown in incident.shown {
      remarks += .element(
        "p", "大厅已显示 shown: \(shown.device) (\(shown.what.rawValue)),自接报 since t1 \(ReportWords.seconds(shown.sinceSeconds)) — 不是 t6 never t6",
        class: "quiet")
    }
    if incident.devices.contains(where: \.preopened) {
      remarks += .element("p", "接报前已开的流只计接报后收到的画面。A stream that was live before t1 counts only with a picture received after it.", class: "quiet")
    }
    return remarks
  }

  var devices: HTML {
    let head = ["设备 device", "类型 class", "流 stream", "计入 counts", "接报前已开 preopened", "分段 segments", "缺口 gaps"]
    let rows = incident.devices.map { device in
      let recording = recording(of: device.name)
      return [
        device.name, device.deviceClass?.rawValue ?? "—", device.stream, ReportWords.yesNo(device.eligible), ReportWords.yesNo(device.preopened),
        recording.segments, recording.gaps,
      ]
    }
    return HTML(
      .element("h2", "设备与录像 Devices and recordings"), .table([head] + rows),
      .element("p", "分段和缺口只计本事件期间(t1 至 t10)。Segments and gaps of this incident's time, t1 to t10.", class: "quiet"))
  }

  /// Zero and none are findings: what could not be read, or was never to be recorded, is not told as them.
  private func recording(of device: String) -> (segments: String, gaps: String) {
    guard let archive = archives[device] else { return ("未知 unknown", "未知 unknown") }
    guard archive["enabled"]?.boolValue != false else { return ("未录像 not recorded", "—") }
    let segments = archive["segments"]?.arrayValue.map { String($0.count) } ?? "未知 unknown"
    guard let gaps = archive["gaps"]?.arrayValue?.map(IncidentReport.gap) else { return (segments, "未知 unknown") }
    return (segments, gaps.isEmpty ? "无 none" : gaps.joined(separator: "; "))
  }

  private static func gap(_ gap: JSON) -> String {
    let length = (gap["toNs"]?.intValue ?? 0) &- (gap["fromNs"]?.intValue ?? 0)
    return "\(ReportWords.seconds(Double(length) / 1e9)) (\(gap["cause"]?.stringValue ?? "?"))"
  }

  var pictures: HTML {
    guard !files.snapshots.isEmpty else { return .empty }
    let figures: [HTML] = files.snapshots.sorted { $0.key < $1.key }.map { index, base64 in
      let name = incident.devices.indices.contains(index) ? incident.devices[index].name : "#\(index)"
      return """
        <figure><img alt="\(name)" src="data:image/jpeg;base64,\(base64)">
        \(HTML.element("figcaption", name))</figure>

        """
    }
    return """
      \(HTML.element("h2", "首图 First pictures"))<div class="pictures">
      \(figures)</div>

      """
  }
}
