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
    let data = try folder.written()
    if let output { try Paths.requireOutput(output) }
    let (facts, problem) = Journal.read(dataFolder: data)
    if let problem { Console.error("⚠ \(problem)") }
    let wanted = id ?? facts.last { $0.kind == FactKind.incidentOpened }?.incident
    guard let wanted, let figures = IncidentFigures.compute(wanted, from: facts) else { throw Fault(.incidentUnknown, id ?? "") }
    let incident = IncidentOutput(figures)
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      Console.say(String(decoding: try encoder.encode(incident), as: UTF8.self))
    } else {
      let path = output ?? "report-\(wanted).html"
      // Of a journal that breaks off, nobody knows what was recorded after the break.
      let archives = problem == nil ? ReportCommand.archives(incident, facts, isRecorded: Paths.isFolder(data + "/archive")) : [:]
      try Disk.replace(path, with: Array(ReportCommand.report(incident, archives, facts, data).html.utf8))
      Console.say("报告 | report: \(path)  结论 verdict: \(incident.verdict.rawValue)")
    }
    if problem != nil { throw ExitCode(1) }
    try ExitCode.judge(incident.verdict.rawValue)
  }

  private static func report(_ incident: IncidentOutput, _ archives: [String: JSON], _ facts: [Fact], _ data: String) -> IncidentReport {
    let node = facts.last?.node ?? ""
    return IncidentReport(
      node: node, role: facts.last { $0.kind == FactKind.nodeStarted }.flatMap { NodeStartedFact($0)?.role } ?? "", version: FirstFrame.version,
      incident: incident, archives: archives, files: ReportFiles(of: incident.id, node: node, dataFolder: data),
      journalSequence: facts.last?.sequence ?? 0, journalHash: facts.last?.hash ?? "", printed: SystemClock().wallTime())
  }

  /// Segments and gaps of the incident's time by the facts of the journal, as the archive of a running node answers.
  /// - Parameter isRecorded: whether there is an archive at all.
  static func archives(_ incident: IncidentOutput, _ facts: [Fact], isRecorded: Bool) -> [String: JSON] {
    guard let period = incident.period else { return [:] }
    var found: [String: JSON] = [:]
    for device in incident.devices {
      let own = facts.filter { $0.stream == device.stream }
      func within(_ kind: String, _ from: String, _ to: String) -> [JSON] {
        own.filter { fact in
          guard fact.kind == kind, let begin = fact[from]?.stringValue.flatMap({ WallTime($0) }),
            let end = fact[to]?.stringValue.flatMap({ WallTime($0) })
          else { return false }
          return end >= period.from && period.to.map { begin <= $0 } ?? true
        }.map { .object($0.fields) }
      }
      let segments = within(FactKind.segmentCommitted, "startWall", "endWall")
      found[device.name] = [
        "enabled": .bool(isRecorded || !segments.isEmpty), "segments": .array(segments),
        "gaps": .array(within(FactKind.archiveGap, "fromWall", "toWall")),
      ]
    }
    return found
  }
}
