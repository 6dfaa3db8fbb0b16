internal import Access
internal import ArgumentParser
internal import Foundation
internal import Logging
internal import Model
internal import Settings
internal import SettingsFile

/// Runs a node until SIGINT or SIGTERM.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "serve", abstract: "运行一个节点 | run a node")
  @Option(help: "配置文件(YAML)| configuration file") var config: String?
  @OptionGroup var folder: DataOptions
  @Option(name: .customLong("set"), help: "覆盖一个配置项,如 rtsp.port=9554 | override one key") var overrides: [String] = []
  @Option(help: "日志级别 trace…critical | log level") var logLevel = "info"
  @Flag(help: "以 JSON 输出端口 | print the ports as JSON") var json = false

  mutating func run() async throws {
    ParentWatch.begin()
    Limits.raiseOpenFiles()
    let settings = try load()
    guard let level = Logger.Level(rawValue: logLevel) else { throw Fault(.usage, "--log-level \(logLevel)") }
    LoggingSystem.bootstrap { label in
      var handler = StreamLogHandler.standardError(label: label)
      handler.logLevel = level
      return handler
    }
    let logger = Logger(label: "firstframe")
    let node = try await RelayNode.start(settings, configuration: config, logger: logger)
    // Not before: a start that fails must not use up the one time that the secret is shown.
    if settings.access.mode == .keys { await showFirstAdministrator() }
    try await node.run { [json] in
      Console.say(json ? ServeCommand.json(settings, node.ports) : ServeCommand.text(settings, node.ports))
    }
  }

  /// Where there never was an administrator's key, makes one and shows its secret, once: nothing is shipped with a default. One that cannot be made does
  /// not keep the streams off the air; the next start tries again.
  private func showFirstAdministrator() async {
    let made: (key: AccessKey, secret: String)?
    do {
      made = try await blocking { [data = folder.data] in try AccessStore(dataFolder: data).makeFirstAdmin(now: SystemClock().wallTime()) }
    } catch {
      if let fault = error as? Fault { Console.error(fault) } else { Console.error("✗ \(error)") }
      return
    }
    guard let made else { return }
    Console.error("管理员密钥 | the administrator's key: \(made.key.name)  \(made.secret)")
    Console.error("只显示这一次,请立即抄录 | shown this once; write it down now")
  }

  private func load() throws -> NodeSettings {
    var tree = try config.map { try ConfigNode(file: $0) } ?? .map([:])
    for text in overrides {
      guard let equals = text.firstIndex(of: "=") else { throw Fault(.usage, "--set \(text): expected key.path=value") }
      try tree.set(String(text[..<equals]), to: ConfigNode(yaml: String(text[text.index(after: equals)...])))
    }
    return try NodeSettings(tree, dataFolder: folder.data)
  }

  /// One line for programs.
  static func json(_ settings: NodeSettings, _ ports: NodePorts) -> String {
    JSON.object([
      "node": .string(settings.name), "rtsp": .int(Int64(ports.rtsp)), "rtmp": .int(Int64(ports.rtmp)), "http": .int(Int64(ports.http)),
      "control": .int(Int64(ports.control)),
    ]).text
  }

  /// For people.
  static func text(_ settings: NodeSettings, _ ports: NodePorts) -> String {
    """
    首帧 FirstFrame \(FirstFrame.version) · \(settings.name)(\(settings.role.rawValue))
      RTSP  rtsp://\(settings.bind):\(ports.rtsp)/live/…
      RTMP  rtmp://\(settings.bind):\(ports.rtmp)/live/…
      页面  http://\(settings.bind):\(ports.http)/
      控制链路 control \(settings.bind):\(ports.control)
    """
  }
}
