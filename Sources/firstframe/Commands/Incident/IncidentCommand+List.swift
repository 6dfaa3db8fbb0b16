internal import ArgumentParser
internal import Foundation

extension IncidentCommand {
  /// Lists all incidents.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "事件列表 | all incidents")
    @OptionGroup var options: NodeOptions

    mutating func run() async throws {
      let incidents = try await all()
      if options.json { return try Console.print(["incidents": incidents]) }
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

    /// Page by page. The first has the older ones that are open too, which come again in their place.
    private func all() async throws -> [[String: Any]] {
      var found: [[String: Any]] = []
      var seen: Set<String> = []
      var next: String?
      repeat {
        let before = next?.addingPercentEncoding(withAllowedCharacters: .alphanumerics)
        let page = try await options.client.object("GET", "/api/v1/incidents?limit=200" + (before.map { "&before=\($0)" } ?? ""))
        found += (page["incidents"] as? [[String: Any]] ?? []).filter { seen.insert($0["id"] as? String ?? "").inserted }
        next = page["next"] as? String
      } while next != nil
      return found
    }
  }
}
