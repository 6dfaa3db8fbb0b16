internal import ArgumentParser
internal import Model

extension IncidentCommand {
  /// Opens an incident: the clock starts.
  struct Open: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "接报:开始 30 分钟计时 | open an incident; the clock starts")
    @Argument(help: "事件标题 | title") var title: String
    @Option(name: .customLong("device"), help: "拉动的设备,可重复 | a device that is called out; may be repeated") var devices: [String] = []
    @Option(help: "接报时刻(RFC 3339,仅作记录)| when the report came in; a label") var receivedAt: String?
    @Option(help: "外部系统编号 | the other system's id") var external: String?
    @OptionGroup var options: NodeOptions

    mutating func run() async throws {
      var body: [String: JSON] = ["title": .string(title), "devices": .array(devices.map(JSON.string))]
      if let receivedAt { body["receivedAt"] = .string(receivedAt) }
      if let external { body["external"] = .string(external) }
      let answer = try await options.client.object("POST", "/api/v1/incidents", body: .object(body))
      if options.json { return try Console.print(answer) }
      Console.say("已接报 | opened: \(answer["id"] as? String ?? "?")")
      Console.say("查看进展 | follow: firstframe incident show \(answer["id"] as? String ?? "?") --node \(options.node)")
    }
  }
}
