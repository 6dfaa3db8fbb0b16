internal import ArgumentParser
internal import Journal
internal import Measure
internal import Model

extension RatesCommand {
  /// From a data folder's journal alone; no running node is needed.
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "显示三率 | the rates of a data folder")
    @OptionGroup var folder: DataOptions
    @Option(help: "月份(北京时间),如 2026-11;省略则为全部 | month, China Standard Time; all when left out") var month: String?
    @Flag(help: "以 JSON 输出 | print JSON") var json = false

    mutating func run() throws {
      let (facts, problem) = try Journal.read(dataFolder: folder.written())
      if let problem { Console.error("⚠ \(problem)") }
      if let month, !RatesCommand.isMonth(month) { throw Fault(.usage, "--month \(month): 2026-11") }
      let rates = RateFigures(facts: facts, incidents: IncidentFigures.all(from: facts), month: month)
      if json {
        Console.say(rates.json.text)
        if problem != nil { throw ExitCode(1) }
        return
      }
      Console.table(RatesCommand.rows(rates))
      for (name, rate) in [("联通率", rates.connection), ("三十分钟响应率", rates.thirtyMinute), ("连线质量达标率", rates.quality)] {
        let reasons = rate.failureReasons
        guard !reasons.isEmpty else { continue }
        Console.say("\(name)未达原因 reasons: " + reasons.map { "\($0.reason) \($0.count)" }.joined(separator: ", "))
      }
      // What was read up to a break is shown, and is not all.
      if problem != nil { throw ExitCode(1) }
    }
  }
}
