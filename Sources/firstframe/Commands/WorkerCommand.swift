internal import ArgumentParser
internal import Workers

/// What the relay starts to decode: not for people.
struct WorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker", abstract: "解码进程(由节点启动)| a decoding process, started by the node", shouldDisplay: false)
  @Argument(parsing: .captureForPassthrough) var arguments: [String] = []

  mutating func run() throws {
    let code = WorkerMain.run(arguments: arguments)
    if code != 0 { throw ExitCode(code) }
  }
}
