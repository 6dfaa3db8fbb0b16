import Foundation
import Measure
import Model
import Report
import Testing

@Suite("An inspector's page", .serialized)
struct InspectionTests {
  private func folder(seed: UInt64) async throws -> (TemporaryFolder, RecomputedFolder) {
    let folder = try TemporaryFolder()
    try await MadeUpFolder.make(folder.path, seed: seed, steps: 160)
    return (folder, try RecomputedFolder(dataFolder: folder.path, sha256: MadeUpFolder.sha256))
  }

  @Test("every second between a window's edges adds up to the window: packets, losses, bytes, frames", arguments: [1, 2, 3] as [UInt64])
  func seconds(seed: UInt64) async throws {
    let (_, folder) = try await folder(seed: seed)
    var compared = 0
    for session in folder.sessions {
      let points = SecondPoint.points(of: session)
      for made in folder.recomputation.windows where made.window.session == session.header.session {
        let own = points.filter { $0.from >= made.window.from && $0.to <= made.window.to }
        guard own.first?.from == made.window.from, own.last?.to == made.window.to else { continue }
        let fields = made.window.fields
        #expect(own.reduce(0) { $0 + $1.packetsExpected } == fields["packetsExpected"]?.intValue)
        #expect(own.reduce(0) { $0 + $1.packetsLost } == fields["packetsLost"]?.intValue)
        #expect(own.reduce(0) { $0 + $1.bytes } == fields["bytesReceived"]?.intValue)
        #expect(own.reduce(0) { $0 + $1.framesReceived } == fields["framesReceived"]?.intValue)
        #expect(own.reduce(0) { $0 + $1.framesClean } == fields["framesClean"]?.intValue)
        compared += 1
      }
    }
    #expect(compared > 5)
  }

  @Test("each incident has a page, a table that python reads, and an object with every member of its schema")
  func forms() async throws {
    let (temporary, folder) = try await folder(seed: 4)
    let schema = try #require(
      try JSON(parsing: try String(contentsOfFile: Script.root + "/docs/inspection.schema.json", encoding: .utf8)).objectValue)
    let required = (schema["required"]?.arrayValue ?? []).compactMap(\.stringValue)
    #expect(required.count > 10)
    var sessions = 0
    for incident in folder.recomputation.incidents {
      let inspection = try Inspection(incident.id, of: folder)
      sessions += inspection.sessions.count
      let members = try #require(inspection.json.objectValue)
      #expect(Set(members.keys) == Set(required))
      let html = inspection.html
      #expect(html.contains("class=\"verdict \(incident.verdict.rawValue)\""))
      #expect(!html.contains("<script"))
      for session in inspection.sessions { #expect(html.contains(session.header.session)) }
      #expect(html.components(separatedBy: "<svg").count - 1 >= 3 * inspection.sessions.count)
      let csv = temporary.path + "/\(incident.id).csv"
      try inspection.csv.write(toFile: csv, atomically: true, encoding: .utf8)
      let lost = try Script.python(
        "import csv,sys; rows=list(csv.DictReader(open(sys.argv[1],newline=''))); print(len(rows), sum(int(r['packetsLost']) for r in rows))", [csv])
      let points = inspection.sessions.flatMap(\.points)
      #expect(lost == "\(points.count) \(points.reduce(0) { $0 + $1.packetsLost })\n")
    }
    #expect(sessions > 0)
    #expect(throws: Fault.self) { try Inspection("nobody", of: folder) }
    // A session has a page of its own, whether an incident named its stream or not, with the verdict of its line.
    for session in folder.sessions {
      let inspection = try Inspection(session.header.session, of: folder)
      // A session may have more than one file in a boot.
      let files = folder.sessions.filter { $0.header.session == session.header.session && $0.header.boot == inspection.boot }
      #expect(inspection.incident == nil && Set(inspection.sessions.map(\.points)) == Set(files.map { SecondPoint.points(of: $0) }))
      #expect(inspection.sessions.allSatisfy { $0.header.session == session.header.session })
      let line = folder.recomputation.rates.quality.line(of: session.header.session)
      #expect(inspection.verdict.rawValue == (line?.outcome == "pass" || line?.outcome == "fail" ? line?.outcome : "undetermined"))
      #expect(Set(try #require(inspection.json.objectValue).keys) == Set(required))
      #expect(inspection.html.contains(session.header.session))
    }
  }
}
