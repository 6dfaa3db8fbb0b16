internal import ArgumentParser
internal import Measure
internal import Model
internal import Report

/// Makes every published figure again from a data folder's journal and samples, and says where they differ.
struct RecomputeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recompute", abstract: "复算:由日志和采样重算全部数据并核对 | every figure again, from journal and samples alone")
  @OptionGroup var folder: DataOptions
  @Flag(help: "以 JSON 输出(与 scripts/recompute.py 逐字节相同)| print JSON, the same bytes as scripts/recompute.py") var json = false

  mutating func run() throws {
    let again = try RecomputedFolder(dataFolder: folder.written(), sha256: RuleFiles.sha256)
    if json {
      Console.say(again.recomputation.json.text)
      for problem in again.problems { Console.error("✗ 损坏 damaged: \(problem)") }
    } else {
      show(again)
    }
    if !again.isSound { throw ExitCode(1) }
  }

  private func show(_ again: RecomputedFolder) {
    let recomputation = again.recomputation
    Console.say(
      "事实 facts \(again.facts.count) · 采样会话 sessions \(again.sessions.count) · 事件 incidents \(recomputation.incidents.count) · 窗口 windows \(recomputation.windows.count)"
    )
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
    Console.say()
    Console.table(RatesCommand.rows(recomputation.rates))
    for problem in again.problems { Console.say("✗ 损坏 damaged: \(problem)") }
    for difference in recomputation.differences {
      Console.say(
        "✗ 不一致 differs: \(difference.subject) \(difference.member): 公布 published \(difference.published.text), 复算 recomputed \(difference.recomputed.text)"
      )
    }
    if again.isSound { Console.say("✓ 全部一致 | every published figure comes out the same") }
  }
}
