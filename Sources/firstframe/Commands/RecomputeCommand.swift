internal import ArgumentParser
internal import Foundation
internal import Journal
internal import Measure
internal import Model

/// Makes every published figure again from a data folder's journal and samples, and says where they differ.
struct RecomputeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recompute", abstract: "复算:由日志和采样重算全部数据并核对 | every figure again, from journal and samples alone")
  @OptionGroup var folder: DataOptions
  @Flag(help: "以 JSON 输出 | print JSON") var json = false

  mutating func run() throws {
    let problems = Journal.verify(dataFolder: folder.data)
    let (facts, broken) = Journal.read(dataFolder: folder.data)
    guard !facts.isEmpty else { throw Fault(.journalBroken, broken.map { "\($0)" } ?? "\(folder.data): no facts") }
    let (sessions, damaged) = try sessions(facts)
    let recomputation = Recomputation(facts: facts, sessions: sessions, sha256: RuleFiles.sha256)
    let all = problems + damaged
    let good = all.isEmpty && recomputation.differences.isEmpty
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      let output = Output(result: recomputation.output, problems: all.map(\.description))
      Console.say(String(decoding: try encoder.encode(output), as: UTF8.self))
    } else {
      tell(recomputation, facts: facts.count, sessions: sessions.count, problems: all)
    }
    if !good { throw ExitCode(1) }
  }

  /// The contract's object, with what could not be trusted beside it.
  private struct Output: Encodable {
    var result: RecomputationOutput
    var problems: [String]

    enum CodingKeys: CodingKey { case problems }

    func encode(to encoder: any Encoder) throws {
      try result.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(problems, forKey: .problems)
    }
  }

  private func sessions(_ facts: [Fact]) throws -> ([Recomputation.Session], [JournalProblem]) {
    var sessions: [Recomputation.Session] = []
    var problems = SampleFile.verify(dataFolder: folder.data, facts: facts)
    for name in try SampleFile.names(dataFolder: folder.data) {
      do {
        let file = try SampleFile(dataFolder: folder.data, name: name)
        sessions.append(Recomputation.Session(header: file.header, records: file.records))
      } catch { if !problems.contains(error) { problems.append(error) } }
    }
    return (sessions, problems)
  }

  private func tell(_ recomputation: Recomputation, facts: Int, sessions: Int, problems: [JournalProblem]) {
    Console.say(
      "事实 facts \(facts) · 采样会话 sessions \(sessions) · 事件 incidents \(recomputation.incidents.count) · 窗口 windows \(recomputation.windows.count)")
    var rows = [["事件 incident", "县首图 county", "县侧区间 county's bracket", "省侧区间 province's bracket", "结论 verdict"]]
    for incident in recomputation.incidents {
      let province = incident.province
      rows.append([
        incident.id, Figures.seconds(nanoseconds: incident.county?.time?.value),
        Figures.bracket(province?.countyBracket?.lower.value, province?.countyBracket?.upper.value),
        Figures.bracket(province?.provinceBracket?.lower.value, province?.provinceBracket?.upper.value), incident.verdict.rawValue,
      ])
    }
    Console.table(rows)
    for problem in problems { Console.say("✗ 损坏 damaged: \(problem)") }
    for difference in recomputation.differences {
      Console.say(
        "✗ 不一致 differs: \(difference.subject) \(difference.member): 公布 published \(difference.published.text), 复算 recomputed \(difference.recomputed.text)"
      )
    }
    if problems.isEmpty, recomputation.differences.isEmpty { Console.say("✓ 全部一致 | every published figure comes out the same") }
  }
}
