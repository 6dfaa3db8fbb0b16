internal import ArgumentParser
internal import Journal
internal import Measure
internal import Model

/// 联通率, 三十分钟响应率 and 连线质量达标率.
struct RatesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rates", abstract: "三率:联通率、三十分钟响应率、连线质量达标率 | the three rates, from the journal",
    subcommands: [Show.self, Exclude.self], defaultSubcommand: Show.self)
}

extension RatesCommand {
  /// From a data folder's journal alone; no running node is needed.
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "显示三率 | the rates of a data folder")
    @OptionGroup var folder: DataOptions
    @Option(help: "月份(北京时间),如 2026-11;省略则为全部 | month, China Standard Time; all when left out") var month: String?
    @Flag(help: "以 JSON 输出 | print JSON") var json = false

    mutating func run() throws {
      let (facts, problem) = Journal.read(dataFolder: folder.data)
      if let problem { Console.error("⚠ \(problem)") }
      let rates = RateFigures(facts: facts, incidents: IncidentFigures.all(from: facts), month: month)
      if json { return Console.say(rates.json.text) }
      Console.table(RatesCommand.rows(rates))
      for (name, rate) in [("联通率", rates.connection), ("三十分钟响应率", rates.thirtyMinute), ("连线质量达标率", rates.quality)] {
        let reasons = rate.failureReasons
        guard !reasons.isEmpty else { continue }
        Console.say("\(name)未达原因 reasons: " + reasons.map { "\($0.reason) \($0.count)" }.joined(separator: ", "))
      }
    }
  }

  struct Exclude: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "经批准把一次联通或一条连线剔除,会如实列出;离线不可剔除 | leave an attempt or a line out of its rate, on record")
    @Option(help: "联通编号 | an attempt of 联通率") var attempt: String?
    @Option(help: "会话编号 | a session of 连线质量达标率") var session: String?
    @OptionGroup var approval: ApprovalOptions
    @OptionGroup var options: NodeOptions

    mutating func run() async throws {
      switch (attempt, session) {
      case (let attempt?, nil): try await approval.record(["rate": "connection", "attempt": .string(attempt)], options)
      case (nil, let session?): try await approval.record(["rate": "quality", "session": .string(session)], options)
      default: throw Fault(.usage, "--attempt | --session")
      }
    }
  }

  /// A table of the rates; a share is never shown without its counts and interval.
  static func rows(_ rates: RateFigures) -> [[String]] {
    var rows = [["率 rate", "达标/应计 met of", "比例", "95% 区间", "无法判定 undetermined", "剔除 excluded", "进行中 pending"]]
    for (name, rate) in [
      ("联通率 connection", rates.connection), ("三十分钟响应率 thirtyMinute", rates.thirtyMinute), ("连线质量达标率 quality", rates.quality),
    ] {
      let counts = rate.counts
      rows.append([
        name, "\(counts.numerator)/\(counts.denominator)", percent(counts.ratioPPM),
        counts.interval.map { "\(percent($0.lowPPM))–\(percent($0.highPPM))" } ?? "—", "\(counts.undetermined)", "\(counts.excluded)",
        "\(rate.pending)",
      ])
    }
    return rows
  }

  /// Millionths as `83.9 %`, cut: a share that is not whole is never shown as 100 %.
  static func percent(_ ppm: Int64?) -> String {
    guard let ppm else { return "—" }
    return "\(ppm / 10_000).\(ppm / 1000 % 10) %"
  }
}
