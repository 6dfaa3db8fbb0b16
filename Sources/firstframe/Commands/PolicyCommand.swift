internal import ArgumentParser
internal import Journal
internal import Measure
internal import Model
internal import Report
internal import Settings
internal import SettingsFile

/// Rules as data: what a change of one would have done to the past.
struct PolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "考核办法与质量标准 | policies and quality profiles", subcommands: [Diff.self])

  struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "若改用新办法,过去的结论会怎样;不改写任何记录 | what a change would have done to past verdicts; rewrites nothing")
    @Argument(help: "原办法或标准(YAML 文件)| the rule as it is") var old: String
    @Argument(help: "新办法或标准(YAML 文件)| the rule as it is to be") var new: String
    @OptionGroup var folder: DataOptions
    @Flag(help: "以 JSON 输出 | print JSON") var json = false

    mutating func run() throws {
      let data = try folder.written()
      let change = try RuleChange(from: try rule(old), to: try rule(new), sha256: RuleFiles.sha256)
      let again = try RecomputedFolder(dataFolder: data, sha256: RuleFiles.sha256)
      for problem in again.problems { Console.error("⚠ \(problem)") }
      let comparison = RuleComparison(change, facts: again.facts, recomputation: again.recomputation)
      if json { return Console.say(comparison.json.text) }
      show(comparison)
    }

    private func rule(_ path: String) throws -> RuleChange.Rule {
      try RuleChange.Rule(try ConfigNode(file: path).json)
    }

    private func show(_ comparison: RuleComparison) {
      let change = comparison.change
      Console.say("\(change.old.id)@\(change.old.version) → \(change.new.id)@\(change.new.version)")
      Console.say(
        "由原办法判定 judged by the old rule: 事件 incidents \(comparison.judgedIncidents) · 窗口 windows \(comparison.judgedWindows)")
      if comparison.windowsWithoutSamples > 0 {
        Console.say("⚠ \(comparison.windowsWithoutSamples) 个窗口没有采样,结论不变 | windows without samples keep their verdict")
      }
      var rows = [["对象 what", "编号 id", "原结论 before", "新结论 after", "原因 reasons"]]
      for (what, flips) in [("incident", comparison.incidents), ("window", comparison.windows)] + comparison.units.map({ ($0.rate, $0.flips) }) {
        for flip in flips {
          let reasons = flip.reasonsBefore.joined(separator: " ") + " → " + flip.reasonsAfter.joined(separator: " ")
          rows.append([what, flip.id, flip.before, flip.after, reasons])
        }
      }
      if rows.count > 1 { Console.table(rows) } else { Console.say("没有结论改变 | no verdict changes") }
      Console.say("\n现在 now")
      Console.table(RatesCommand.rows(comparison.before))
      Console.say("\n若改用 with the new rule")
      Console.table(RatesCommand.rows(comparison.after))
      Console.say("\n没有改写任何记录 | nothing was rewritten")
    }
  }
}
