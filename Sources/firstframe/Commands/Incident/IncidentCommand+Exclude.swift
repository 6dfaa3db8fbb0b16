internal import ArgumentParser
internal import Model

extension IncidentCommand {
  /// Leaves an incident out of a rate, on record.
  struct Exclude: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "经批准不计入三十分钟响应率(或某设备的联通率),会如实列出 | leave it out of a rate, on record")
    @Argument(help: "事件编号 | the incident's id") var id: String
    @Option(help: "只剔除这台设备的联通率计数 | only this device's attempt, in 联通率") var device: String?
    @OptionGroup var approval: ApprovalOptions
    @OptionGroup var options: NodeOptions

    mutating func run() async throws {
      var body: [String: JSON] = ["rate": device == nil ? "thirtyMinute" : "connection", "incident": .string(id)]
      if let device { body["device"] = .string(device) }
      try await approval.record(body, options)
    }
  }
}
