internal import ArgumentParser
internal import Model

/// Checks what a node needs from its machine and says what to do.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "doctor", abstract: "体检:软件包、插件、端口、时钟、磁盘、字体 | checks this machine")
  @Option(help: "配置文件 | configuration file") var config: String?
  @OptionGroup var folder: DataOptions
  @Flag(help: "以 JSON 输出 | print JSON") var json = false

  mutating func run() async throws {
    let findings =
      [MachineChecks.plugins(), MachineChecks.pipelines(), MachineChecks.fonts(), MachineChecks.clock(), MachineChecks.dataFolder(folder.data)]
      + MachineChecks.ports(configuration: config, dataFolder: folder.data)
    let isWell = findings.allSatisfy { !$0.isFailure }
    if json {
      Console.say(JSON.object(["ok": .bool(isWell), "checks": .array(findings.map(\.json))]).text)
    } else {
      for line in findings.flatMap(\.lines) { Console.say(line) }
    }
    if !isWell { throw ExitCode(1) }
  }
}
