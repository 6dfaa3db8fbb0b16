internal import Hummingbird
internal import Measure
internal import Model
internal import NIOPosix
internal import Report

/// Documents that are made when asked for and may be saved as single files: an incident's report, and an inspector's page in three forms.
struct DocumentRoutes: RouteGroup {
  private let node: WebNode
  private let incidents: any IncidentsSource
  private let archive: any ArchiveSource
  private let facts: any FactsSource
  private let inspections: any InspectionSource

  init(_ environment: WebEnvironment) {
    node = environment.node
    incidents = environment.incidents
    archive = environment.archive
    facts = environment.facts
    inspections = environment.inspections
  }

  var routes: [WebRoute] {
    [
      .get("/api/v1/reports/{file}", .incidentsRead) { _, context in
        let name = try context.text("file")
        guard name.hasSuffix(".html") else { throw Fault(.notFound, name) }
        return try await report(String(name.dropLast(5)))
      },
      .get("/api/v1/inspections/{file}", .factsRead) { _, context in try await inspection(try context.text("file")) },
    ]
  }

  private func report(_ id: String) async throws -> Response {
    let incident = try await incidents.show(id)
    var archives: [String: JSON] = [:]
    if let period = incident.period {
      for device in incident.devices {
        guard let stream = StreamName(device.stream) else { continue }
        archives[device.name] = try? await archive.recording(of: stream, from: period.from, to: period.to)
      }
    }
    let head = facts.last
    let report = IncidentReport(
      node: node.name, role: node.role, version: node.version, incident: incident, archives: archives, files: try await files(of: id),
      journalSequence: head.sequence, journalHash: head.hash, printed: node.clock.wallTime())
    return .document(report.html, style: IncidentReport.style)
  }

  private func files(of id: String) async throws -> ReportFiles {
    try await NIOThreadPool.singleton.runIfActive { [node] in ReportFiles(of: id, node: node.name, dataFolder: node.dataFolder) }
  }

  /// `ID.html`, `ID.csv` or `ID.json`: from raw samples to verdict.
  private func inspection(_ name: String) async throws -> Response {
    guard let dot = name.lastIndex(of: "."), let form = InspectionForm(rawValue: String(name[dot...])) else { throw Fault(.notFound, name) }
    let inspection = try await inspections.inspection(of: String(name[..<dot]))
    switch form {
    case .csv: return .text(inspection.csv, type: .csv)
    case .json: return .json(inspection.json)
    case .html: return .document(inspection.html, style: Inspection.style)
    }
  }

  private enum InspectionForm: String {
    case html = ".html"
    case csv = ".csv"
    case json = ".json"
  }
}
