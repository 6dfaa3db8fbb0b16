internal import ArgumentParser
internal import Measure
internal import Model
internal import Report

/// Writes an inspector's page of one incident or session from a data folder; no running node is needed.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "核查:由采样到结论的全过程(HTML、CSV、JSON)| an incident or a session from raw samples to verdict")
  @Argument(help: "事件或会话编号;省略则为最近一起事件 | id of an incident or a session; the newest incident when left out") var id: String?
  @OptionGroup var folder: DataOptions
  @Option(name: .shortAndLong, help: "写入此文件 | output file") var output: String?
  @Option(help: "每秒数据写入此 CSV 文件 | each second's figures, as CSV") var csv: String?
  @Flag(help: "以 JSON 输出 | print JSON") var json = false

  mutating func run() throws {
    let data = try folder.written()
    for path in [csv, output] { if let path { try Paths.requireOutput(path) } }
    let inspection = try Inspection(id, of: RecomputedFolder(dataFolder: data, sha256: RuleFiles.sha256))
    if let csv { try Disk.replace(csv, with: Array(inspection.csv.utf8)) }
    if json {
      Console.say(inspection.json.text)
    } else {
      let path = output ?? "inspection-\(inspection.id).html"
      try Disk.replace(path, with: Array(inspection.html.utf8))
      Console.say("核查 | inspection: \(path)  结论 verdict: \(inspection.verdict.rawValue)")
    }
    try ExitCode.judge(inspection.verdict.rawValue)
  }
}
