internal import ArgumentParser
internal import Foundation
internal import Model

/// Opens, closes and shows incidents at a running node.
struct IncidentCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "incident", abstract: "事件:接报、关闭、查看 | incidents", subcommands: [Open.self, Close.self, List.self, Show.self, Exclude.self])

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

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "事件列表 | all incidents")
    @OptionGroup var options: NodeOptions

    mutating func run() async throws {
      let answer = try await options.client.object("GET", "/api/v1/incidents")
      if options.json { return try Console.print(answer) }
      let incidents = answer["incidents"] as? [[String: Any]] ?? []
      var rows = [["编号 id", "标题 title", "结论 verdict", "县首图 county"]]
      for incident in incidents {
        let county = incident["county"] as? [String: Any]
        rows.append([
          incident["id"] as? String ?? "", incident["title"] as? String ?? "", incident["verdict"] as? String ?? "—",
          (county?["seconds"] as? NSNumber).map { "\($0) s" } ?? "—",
        ])
      }
      Console.table(rows)
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "一个事件的时间线和结论 | one incident's time line and verdict")
    @Argument(help: "事件编号 | the incident's id") var id: String
    @OptionGroup var options: NodeOptions

    mutating func run() async throws {
      let answer = try await options.client.object("GET", "/api/v1/incidents/\(id)")
      if options.json { return try Console.print(answer) }
      Console.say("\(answer["title"] as? String ?? id)  [\(answer["verdict"] as? String ?? "—")]")
      var rows = [["步骤 step", "时刻 wall", "设备 device", "来源 source"]]
      for step in answer["steps"] as? [[String: Any]] ?? [] {
        rows.append(["id", "wall", "device", "source"].map { step[$0] as? String ?? "" })
      }
      Console.table(rows)
      if let breakdown = answer["breakdown"] as? [String: Any] { IncidentCommand.tell(breakdown) }
      for retry in answer["retries"] as? [[String: Any]] ?? [] {
        Console.say("重报 said up again: \(retry["uplink"] as? String ?? "") \((retry["sinceSeconds"] as? NSNumber).map { "+\($0) s" } ?? "—")")
      }
      for shown in answer["shown"] as? [[String: Any]] ?? [] {
        let since = (shown["sinceSeconds"] as? NSNumber).map { "+\($0) s" } ?? "—"
        Console.say("大厅已显示 shown: \(shown["device"] as? String ?? "") \(shown["what"] as? String ?? "") \(since)")
      }
    }
  }

  /// Where the time went, the largest part marked.
  private static func tell(_ breakdown: [String: Any]) {
    let names = [
      ("desk", "值班下达 desk"), ("crew", "人员出动 crew"), ("network", "建立连接 network"), ("keyFrame", "等关键帧 key frame"), ("decode", "解码 decode"),
      ("uplink", "上行回执 uplink"),
    ]
    var rows = [["环节 part (\(breakdown["device"] as? String ?? ""))", "用时 time", ""]]
    for (key, name) in names {
      let time = (breakdown[key] as? NSNumber).map { "\($0) s" } ?? "—"
      rows.append([name, time, breakdown["largest"] as? String == key ? "← 最长 largest" : ""])
    }
    Console.table(rows)
    if let missing = breakdown["waitingFor"] as? String { Console.say("仍在等待 waiting for: \(missing)") }
  }
}

extension NodeOptions {
  var client: APIClient { APIClient(base: node, key: key ?? ProcessInfo.processInfo.environment["FIRSTFRAME_KEY"]) }
}

extension Console {
  /// An API answer as it came, with sorted keys.
  static func print(_ answer: [String: Any]) throws {
    let data = try JSONSerialization.data(withJSONObject: answer, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    say(String(decoding: data, as: UTF8.self))
  }
}
