internal import Archive
internal import ArgumentParser
internal import Foundation
internal import Journal
internal import Measure
internal import Model
internal import Report

/// Writes an incident's report from a data folder; no running node is needed.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "report", abstract: "事件报告(HTML)| an incident's report")
  @Argument(help: "事件编号;省略则为最近一起 | incident id; the newest when left out") var id: String?
  @OptionGroup var folder: DataOptions
  @Option(name: .shortAndLong, help: "写入此文件 | output file") var output: String?
  @Flag(help: "以 JSON 输出数据而不写报告 | print the figures as JSON instead") var json = false

  mutating func run() throws {
    let (facts, problem) = Journal.read(dataFolder: folder.data)
    if let problem { Console.error("⚠ \(problem)") }
    let wanted = id ?? facts.last { $0.kind == FactKind.incidentOpened }?.incident
    guard let wanted, let figures = IncidentFigures.compute(wanted, from: facts) else { throw Fault(.incidentUnknown, id ?? "") }
    let incident = IncidentOutput(figures)
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return Console.say(String(decoding: try encoder.encode(incident), as: UTF8.self))
    }
    let node = facts.last?.node ?? ""
    let report = IncidentReport(
      node: node, role: facts.last { $0.kind == FactKind.nodeStarted }.flatMap { NodeStartedFact($0)?.role } ?? "", version: FirstFrame.version,
      incident: incident, archives: archives(incident, facts), snapshots: snapshots(wanted, node), journalSequence: facts.last?.sequence ?? 0,
      journalHash: facts.last?.hash ?? "", printed: SystemClock().wallTime())
    let path = output ?? "report-\(wanted).html"
    try Disk.replace(path, with: Array(report.html.utf8))
    Console.say("报告 | report: \(path)")
  }

  /// Segments and gaps by the facts of the journal.
  private func archives(_ incident: IncidentOutput, _ facts: [Fact]) -> [String: JSON] {
    var found: [String: JSON] = [:]
    for device in incident.devices {
      let own = facts.filter { $0.stream == device.stream }
      found[device.name] = [
        "segments": .array(own.filter { $0.kind == FactKind.segmentCommitted }.map { .object($0.fields) }),
        "gaps": .array(own.filter { $0.kind == FactKind.archiveGap }.map { .object($0.fields) }),
      ]
    }
    return found
  }

  private func snapshots(_ id: String, _ node: String) -> [Int: String] {
    guard StreamName.isSegment(id), StreamName.isSegment(node) else { return [:] }
    var found: [Int: String] = [:]
    for index in 0..<64 {
      guard let bytes = try? Disk.read("\(folder.data)/snapshots/\(node)-\(id)-\(index).jpg", limit: 4 << 20) else { continue }
      found[index] = Data(bytes).base64EncodedString()
    }
    return found
  }
}
