internal import Archive
internal import ArgumentParser
internal import Model

/// Looks after the recordings.
struct ArchiveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "archive", abstract: "录像:核对 | recordings", subcommands: [Check.self])

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "核对每个录像分段是否存在、哈希一致、链条完整 | every segment is there, hashes as indexed, and the chain holds")
    @OptionGroup var folder: DataOptions
    @Flag(help: "以 JSON 输出 | print JSON") var json = false

    mutating func run() throws {
      let data = try folder.written()
      let report = ArchiveCheck.check(dataFolder: data) { done, all in
        if !json { Console.progress("  核对 checking \(done) / \(all)") }
      }
      if !json { Console.endProgress() }
      if json {
        Console.say(report.json.text)
      } else {
        Console.say(
          "流 streams \(report.streams) · 分段 segments \(report.segments) · \(Figures.bytes(report.bytes)) · 帧 frames \(report.frames) · 缺口 gaps \(report.gaps)"
        )
        for problem in report.problems {
          Console.say("✗ \(problem.file ?? problem.stream?.path ?? "") \(problem.fault)")
        }
        if report.isGood { Console.say("✓ 全部一致 | all as indexed") }
      }
      if !report.isGood { throw ExitCode(1) }
    }
  }
}
