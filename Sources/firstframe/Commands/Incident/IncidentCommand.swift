internal import ArgumentParser

/// Opens, closes and shows incidents at a running node.
struct IncidentCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "incident", abstract: "事件:接报、关闭、查看 | incidents", subcommands: [Open.self, Close.self, List.self, Show.self, Exclude.self])
}
