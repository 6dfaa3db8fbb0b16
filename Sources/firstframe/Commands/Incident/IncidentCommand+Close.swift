internal import ArgumentParser
internal import Model

extension IncidentCommand {
  /// Ends an incident.
  struct Close: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "结束事件 | close an incident")
    @Argument(help: "事件编号 | the incident's id") var id: String
    @Option(help: "结束原因 | why") var reason: String?
    @OptionGroup var options: NodeOptions

    mutating func run() async throws {
      let body: JSON = .object(reason.map { ["reason": .string($0)] } ?? [:])
      let answer = try await options.client.object("POST", "/api/v1/incidents/\(id)/close", body: body)
      if options.json { return try Console.print(answer) }
      Console.say("已结束 | closed: \(id)")
    }
  }
}
