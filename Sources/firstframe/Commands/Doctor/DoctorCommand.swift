internal import ArgumentParser
internal import Model
internal import RTSPGateway

/// Checks what a node needs from its machine and says what to do. It changes nothing and makes nothing; what `serve` would refuse, it refuses.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "体检:软件包、插件、字体、时钟、磁盘、配置、密钥、端口、配对、上级 | checks this machine and its configuration")
  @Option(help: "配置文件 | configuration file") var config: String?
  @OptionGroup var folder: DataOptions
  @Flag(help: "以 JSON 输出 | print JSON") var json = false

  mutating func run() async throws {
    var findings = [
      MachineChecks.plugins(), MachineChecks.pipelines(), MachineChecks.pages(), MachineChecks.fonts(), MachineChecks.clock(),
      MachineChecks.dataFolder(folder.data),
    ]
    switch MachineChecks.settings(configuration: config, dataFolder: folder.data) {
    case .failure(let fault): findings.append(Finding(name: MachineChecks.configuration, fault: fault, detail: fault.detail))
    case .success(let settings):
      findings.append(Finding(name: MachineChecks.configuration, detail: config ?? "默认 defaults"))
      findings += MachineChecks.rules(settings, configuration: config) + MachineChecks.keys(settings) + MachineChecks.ports(settings)
      findings.append(MachineChecks.mediaPorts(settings.rtsp.rtpPorts))
      findings += MachineChecks.pulls(settings) + (await MachineChecks.uplinks(settings))
    }
    let isWell = findings.allSatisfy { !$0.isFailure }
    if json {
      Console.say(JSON.object(["ok": .bool(isWell), "checks": .array(findings.map(\.json))]).text)
    } else {
      for line in findings.flatMap(\.lines) { Console.say(line) }
    }
    if !isWell { throw ExitCode(1) }
  }
}
