import FirstFrameTesting
import Foundation
import Measure
import Model
import Report
import Testing

@Suite("The incident's report")
struct IncidentReportTests {
  /// A table of the page: what its rows say, without markup.
  private func rows(_ html: String, after heading: String) throws -> [[String]] {
    let section = try #require(html.components(separatedBy: "<h2>").first { $0.hasPrefix(heading) })
    return section.components(separatedBy: "<tr>").dropFirst().map { row in
      row.components(separatedBy: "</tr>")[0].replacing("</th>", with: "</td>").replacing("<th>", with: "<td>").components(separatedBy: "<td>")
        .dropFirst().map { $0.replacing("</td>", with: "") }
    }
  }

  @Test("has every figure of the incident, to the millisecond, and a dash for what is not known")
  func figures() throws {
    let html = try SampleIncident.report().html
    let figures = try rows(html, after: "结论数据")
    #expect(
      figures.map { $0[1] } == [
        "数值 value", "60.234 s", "[60.500 s, 61.250 s]", "[60.250 s, 61.500 s]", "[59.500 s, 61.000 s]", "[60.900 s, 61.000 s]", "decoded",
        "thirty-minute@1",
        "1800.000 s",
      ])
    var bare = try SampleIncident.report()
    bare.incident.county = try JSONDecoder().decode(IncidentOutput.County.self, from: Data("{}".utf8))
    bare.incident.province = try JSONDecoder().decode(IncidentOutput.Province.self, from: Data("{}".utf8))
    (bare.incident.limitSeconds, bare.incident.policy) = (nil, nil)
    #expect(try rows(bare.html, after: "结论数据").map { $0[1] } == ["数值 value", "—", "—", "—", "—", "—", "—"])
  }

  @Test("has the time line from t1, where the time went with the largest part named, and the devices with their gaps")
  func sections() throws {
    let html = try SampleIncident.report().html
    #expect(
      try rows(html, after: "时间线").map { [$0[0], $0[1], $0[3]] }.dropFirst() == [
        ["t1 接报", "0.000 s", ""], ["t2 指令下达", "0.500 s", "单兵01"], ["t6 县中心首图", "60.234 s", "单兵01"],
      ])
    let breakdown = try rows(html, after: "用时分解")
    #expect(
      breakdown.map { $0[1] } == [
        "用时 time", "0.500 s", "40.000 s", "1.000 s", "2.000 s", "0.250 s", "1.500 s", "应答 answer 10.000 s · 赶赴 travel 25.000 s · 架设 setup 5.000 s",
      ])
    #expect(breakdown.filter { $0[2].hasSuffix("← 最长 largest") }.map { $0[0] } == ["出动 crew"])
    #expect(
      try rows(html, after: "设备与录像").dropFirst() == [
        ["单兵01", "soloKit", "live/solo01", "是 yes", "是 yes", "2", "2.500 s (network); 0.000 s (?)"],
        ["高点", "—", "live/tower", "否 no", "否 no", "未知 unknown", "未知 unknown"],
      ])
    #expect(try rows(html, after: "未计入").dropFirst() == [["receipt", "省厅", "replayed"]])
    for words in [
      "尚未到达 not taken: t8 省中心首图", "announced again: province,自接报 since t1 3.500 s", "大厅已显示 shown: 单兵01 (snapshot)", "seq 42, SHA-256 ff00",
    ] {
      #expect(html.contains(words), "\(words)")
    }
    #expect(html.contains("<figure><img alt=\"单兵01\" src=\"data:image/jpeg;base64,AAAA\">\n<figcaption>单兵01</figcaption>\n</figure>"))
    #expect(html.contains("<img alt=\"#7\""), "a picture of no device that is known")
    #expect(html.contains("-inkey DATA/receipts/\(SampleIncident.id).pub.pem -rawin -in DATA/receipts/\(SampleIncident.id).json \\\n"))
    #expect(html.contains("-sigfile DATA/receipts/\(SampleIncident.id).sig</pre>"))
    #expect(html.contains("python3 scripts/recompute.py DATA\n"))
  }

  @Test("without a receipt nobody is told to verify one")
  func noReceipt() throws {
    var report = try SampleIncident.report()
    report.files = ReportFiles()
    #expect(!report.html.contains("openssl"))
  }

  @Test("zero segments and no gap are said of a recording that was read, of nothing else")
  func recordings() throws {
    var report = try SampleIncident.report()
    let cells: [(JSON?, [String])] = [
      (nil, ["未知 unknown", "未知 unknown"]), (["enabled": false, "segments": [], "gaps": []], ["未录像 not recorded", "—"]),
      (["enabled": true, "segments": [], "gaps": []], ["0", "无 none"]), (["enabled": true], ["未知 unknown", "未知 unknown"]),
    ]
    for (archive, expected) in cells {
      report.archives = archive.map { ["高点": $0] } ?? [:]
      #expect(try Array(rows(report.html, after: "设备与录像")[2].suffix(2)) == expected)
    }
  }

  @Test("an incident's time is t1 to t10 by their labels, without an end while it is open")
  func period() throws {
    var incident = try SampleIncident.make()
    let open = try #require(incident.period)
    #expect(open.from == WallTime("2026-11-30T08:00:00Z") && open.to == nil)
    let closed = #"{"id": "t10", "bootNs": 9, "wall": "2026-11-30T08:40:00Z", "uncertaintyMs": 0, "source": "s"}"#
    incident.steps.append(try JSONDecoder().decode(IncidentOutput.Step.self, from: Data(closed.utf8)))
    #expect(incident.period?.to == WallTime("2026-11-30T08:40:00Z"))
    incident.steps = []
    #expect(incident.period == nil)
  }

  @Test("an incident's pictures and its receipt are found in the data folder, and what is not there is left out")
  func files() throws {
    let folder = try TemporaryFolder()
    #expect(ReportFiles(of: SampleIncident.id, node: "deqing", dataFolder: folder.path).snapshots.isEmpty)
    for name in ["snapshots", "receipts"] { try Disk.makeFolder("\(folder.path)/\(name)") }
    try Disk.replace("\(folder.path)/snapshots/deqing-\(SampleIncident.id)-1.jpg", with: [1, 2, 3])
    for ending in ["json", "sig"] { try Disk.replace("\(folder.path)/receipts/\(SampleIncident.id).\(ending)", with: [1]) }
    let half = ReportFiles(of: SampleIncident.id, node: "deqing", dataFolder: folder.path)
    #expect(half.snapshots == [1: "AQID"] && !half.hasReceipt)
    try Disk.replace("\(folder.path)/receipts/\(SampleIncident.id).pub.pem", with: [1])
    #expect(ReportFiles(of: SampleIncident.id, node: "deqing", dataFolder: folder.path).hasReceipt)
  }

  @Test("leaves out the sections that have nothing to show")
  func empty() throws {
    var report = try SampleIncident.report()
    report.files = ReportFiles()
    report.incident.refusals = []
    report.incident.breakdown = nil
    report.incident.reasons = []
    for heading in ["首图 First pictures", "未计入 Refused", "用时分解", "原因 reasons"] { #expect(!report.html.contains(heading), "\(heading)") }
    #expect(report.html.contains("class=\"verdict pass\">达标 pass</p>"))
  }

  @Test("whatever a person or a device typed is text: no element and no attribute that the page does not have of its own")
  func escaping() throws {
    let honest = MarkupScan(try SampleIncident.report().html)
    let hostile = try SampleIncident.report { "\($0)\"\u{301}><script src=x onload='y'></title></style>\u{301}<img/onerror=z>&" }.html
    let scan = MarkupScan(hostile)
    #expect(scan.elements == honest.elements && scan.attributes == honest.attributes)
    #expect(hostile.contains("&lt;script src=x onload=&#39;y&#39;&gt;"), "and it is shown, not lost")
    #expect(!hostile.contains("<script") && hostile.components(separatedBy: "</title>").count == 2)
  }

  @Test("fetches nothing, runs nothing, and has one style sheet: the one whose hash a policy names")
  func alone() throws {
    let html = try SampleIncident.report().html
    #expect(html.contains("<style>\(IncidentReport.style.text)</style>") && html.components(separatedBy: "<style").count == 2)
    let scan = MarkupScan(html)
    #expect(scan.elements.isDisjoint(with: ["script", "link", "iframe", "object", "embed", "form"]))
    #expect(!scan.attributes.contains { $0.hasSuffix(" style") || $0.contains(" on") })
    #expect(html.components(separatedBy: "src=\"").dropFirst().allSatisfy { $0.hasPrefix("data:image/jpeg;base64,") })
  }
}
