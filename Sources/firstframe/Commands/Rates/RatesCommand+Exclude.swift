internal import ArgumentParser
internal import Model

extension RatesCommand {
  /// Leaves an attempt or a session out of its rate, on record.
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
}
