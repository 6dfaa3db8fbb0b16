internal import ArgumentParser
internal import Foundation
internal import Model

/// Shows the whole product once: devices, a county, a province, an incident, an interruption, the proof.
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "演示:四台设备、县、省、一起事件和全部证明 | the whole product once, on this machine")

  @Option(help: "演示时长(秒)| how long the incident runs") var seconds = 40
  @Option(name: .customLong("json"), help: "结果写入此文件 | write the result to this file") var jsonFile: String?
  @Option(help: "数据保留在此目录 | keep the data in this folder") var keep: String?
  @Flag(help: "结束后保持两个中心运行,直到按 Ctrl-C | keep both centres running afterwards") var hold = false
  @Option(help: .hidden) var provinceBootOffset: Int?

  mutating func validate() throws {
    guard (15...3600).contains(seconds) else { throw ValidationError("--seconds 15…3600") }
  }

  mutating func run() async throws {
    let folder = try keep.map { try DemoCommand.make($0) } ?? DemoCommand.temporaryFolder()
    let plan = try DemoPlan(folder: folder)
    let stage = DemoStage(plan: plan, provinceBootOffset: provinceBootOffset)
    do {
      let outcome = try await DemoStory(plan: plan, stage: stage, seconds: seconds).run()
      try finish(outcome, plan)
      if hold {
        Console.say("按 Ctrl-C 结束 | press Ctrl-C to end")
        await Interruption.wait()
      }
      await stage.clear()
      if keep == nil, !hold { try? FileManager.default.removeItem(atPath: folder + "/logs") }
      if outcome.verdict != "pass" { throw ExitCode.verdictNotMet }
    } catch {
      await stage.clear()
      if !(error is ExitCode) { Console.error("日志 | logs: \(plan.logs)") }
      throw error
    }
  }

  private func finish(_ outcome: DemoOutcome, _ plan: DemoPlan) throws {
    outcome.printTable()
    Console.say("报告 | report: \(outcome.reportPath)")
    Console.say("页面 | page:   \(plan.county.api)/")
    if let jsonFile {
      let data = try JSONSerialization.data(withJSONObject: outcome.json, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
      try data.write(to: URL(fileURLWithPath: jsonFile))
    }
  }

  private static func make(_ path: String) throws -> String {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return URL(fileURLWithPath: path).path
  }

  private static func temporaryFolder() throws -> String {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("firstframe-demo-\(UUID().uuidString.prefix(8))").path
    return try make(path)
  }
}
