internal import ArgumentParser
internal import Foundation

extension IncidentCommand {
  /// Lists all incidents.
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
}
