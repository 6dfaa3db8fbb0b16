internal import ArgumentParser
internal import Model

/// Asks a device for a live picture: a spot check or a line of a roll-call, counted in 联通率.
struct ConnectionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "connection", abstract: "联通:抽查、点名一台设备 | ask a device for a live picture", subcommands: [Check.self])

  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "要求设备出图,计入联通率 | ask for a picture; counts as an attempt")
    @Argument(help: "设备名称或流名 | device or stream") var device: String
    @Option(help: "方式:spotCheck 抽查、rollCall 点名、probe 巡检 | how") var how = "spotCheck"
    @OptionGroup var options: NodeOptions

    mutating func run() async throws {
      let answer = try await options.client.object(
        "POST", "/api/v1/connections", body: ["device": .string(device), "how": .string(how)])
      if options.json { return try Console.print(answer) }
      Console.say("已要求出图 | asked: \(answer["attempt"] as? String ?? "?")")
    }
  }
}
