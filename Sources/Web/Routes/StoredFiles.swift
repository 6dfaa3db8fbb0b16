internal import Command
internal import FoundationEssentials
internal import Hub
internal import Hummingbird
internal import Journal
internal import Measure
internal import Model
internal import NIOCore
internal import NIOPosix
internal import Report

/// Files of the data folder that a browser may see, by plain names only.
enum StoredFiles {
  static func snapshot(_ name: String, _ environment: WebEnvironment) async throws -> Response {
    guard name.hasSuffix(".jpg") else { throw Fault(.notFound, name) }
    return .bytes(try await read("snapshots", name, environment), type: "image/jpeg")
  }

  static func receipt(_ name: String, _ environment: WebEnvironment) async throws -> Response {
    let type = name.hasSuffix(".json") ? "application/json" : name.hasSuffix(".pem") ? "application/x-pem-file" : "application/octet-stream"
    return .bytes(try await read("receipts", name, environment), type: type)
  }

  /// `ID.html`: the incident's report, made now from the facts.
  static func report(_ name: String, _ environment: WebEnvironment) async throws -> Response {
    guard name.hasSuffix(".html") else { throw Fault(.notFound, name) }
    let id = String(name.dropLast(5))
    let incident = try await environment.desk.show(id)
    var gaps: [JSON] = []
    var archives: [String: JSON] = [:]
    for device in incident.devices {
      guard let stream = StreamName(device.stream), let archive = try? await environment.archive(stream) else { continue }
      archives[device.name] = archive
      gaps += archive["gaps"]?.arrayValue ?? []
    }
    let head = environment.journal.last
    let html = IncidentReport(
      node: environment.node, role: environment.role, version: environment.version, incident: incident, archives: archives,
      snapshots: snapshots(id, environment), journalSequence: head.sequence, journalHash: head.hash,
      printed: environment.hub.clock.wallTime()
    ).html
    return .text(html, type: "text/html; charset=utf-8")
  }

  /// `ID.html`, `ID.csv` or `ID.json`: from raw samples to verdict.
  static func inspection(_ name: String, _ environment: WebEnvironment) async throws -> Response {
    guard let dot = name.lastIndex(of: ".") else { throw Fault(.notFound, name) }
    let kind = name[dot...]
    guard [".html", ".csv", ".json"].contains(kind) else { throw Fault(.notFound, name) }
    let inspection = try await environment.inspection(String(name[..<dot]))
    switch kind {
    case ".csv": return .text(inspection.csv, type: "text/csv; charset=utf-8")
    case ".json": return .json(inspection.json)
    default: return .text(inspection.html, type: "text/html; charset=utf-8")
    }
  }

  /// Snapshots of an incident, by device index, inlined so that the report is one file.
  private static func snapshots(_ id: String, _ environment: WebEnvironment) -> [Int: String] {
    guard StreamName.isSegment(id) else { return [:] }
    var found: [Int: String] = [:]
    for index in 0..<64 {
      let path = "\(environment.dataFolder)/snapshots/\(environment.node)-\(id)-\(index).jpg"
      guard let bytes = try? Disk.read(path, limit: 4 << 20) else { continue }
      found[index] = Data(bytes).base64EncodedString()
    }
    return found
  }

  private static func read(_ folder: String, _ name: String, _ environment: WebEnvironment) async throws -> ByteBuffer {
    guard StreamName.isSegment(name) else { throw Fault(.notFound, name) }
    let path = "\(environment.dataFolder)/\(folder)/\(name)"
    let bytes = try await NIOThreadPool.singleton.runIfActive { try Disk.read(path, limit: 16 << 20) }
    guard let bytes else { throw Fault(.notFound, name) }
    return ByteBuffer(bytes: bytes)
  }
}
