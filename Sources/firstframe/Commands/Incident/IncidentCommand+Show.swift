internal import ArgumentParser
internal import Foundation

extension IncidentCommand {
  /// Shows one incident's time line and verdict.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "一个事件的时间线和结论 | one incident's time line and verdict")
    @Argument(help: "事件编号 | the incident's id") var id: String
    @OptionGroup var options: NodeOptions

    mutating func run() async throws {
      let answer = try await options.client.object("GET", "/api/v1/incidents/\(id)")
      let verdict = answer["verdict"] as? String ?? ""
      if options.json {
        try Console.print(answer)
        return try ExitCode.judge(verdict)
      }
      Console.say("\(answer["title"] as? String ?? id)  [\(answer["verdict"] as? String ?? "—")]")
      var rows = [["步骤 step", "时刻 wall", "设备 device", "来源 source"]]
      for step in answer["steps"] as? [[String: Any]] ?? [] {
        rows.append(["id", "wall", "device", "source"].map { step[$0] as? String ?? "" })
      }
      Console.table(rows)
      if let breakdown = answer["breakdown"] as? [String: Any] { Show.show(breakdown) }
      for retry in answer["retries"] as? [[String: Any]] ?? [] {
        Console.say("重报 announced again: \(retry["uplink"] as? String ?? "") \((retry["sinceSeconds"] as? NSNumber).map { "+\($0) s" } ?? "—")")
      }
      for shown in answer["shown"] as? [[String: Any]] ?? [] {
        let since = (shown["sinceSeconds"] as? NSNumber).map { "+\($0) s" } ?? "—"
        Console.say("大厅已显示 shown: \(shown["device"] as? String ?? "") \(shown["what"] as? String ?? "") \(since)")
      }
      try ExitCode.judge(verdict)
    }

    /// Where the time went, the largest part marked.
    private static func show(_ breakdown: [String: Any]) {
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
}
