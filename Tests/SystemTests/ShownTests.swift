import FirstFrameTesting
import Foundation
import Testing

private let canRun = Browser.isUsable && Program.exists("ffmpeg")

@Suite("The hall's browser", .serialized, .enabled(if: canRun, "needs chromium and ffmpeg"))
struct ShownTests {
  @Test("reports when it presented the first picture, once, as an event of its own after t6")
  func shown() async throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let clip = try Clip.make(in: folder.path, seconds: 10)
    let node = try Node(data: folder.path + "/data")
    try await node.awaitReady()
    let id = try #require(try await node.post("/api/v1/incidents", ["title": "演练", "devices": ["solo01"]])["id"] as? String)
    let device = try Publisher(clip: clip, url: "rtsp://127.0.0.1:\(node.rtsp)/live/solo01")
    defer { device.stop() }
    var incident: [String: Any] = [:]
    try await node.await {
      incident = try await node.get("/api/v1/incidents/\(id)")
      return (incident["county"] as? [String: Any])?["seconds"] is Double
    }
    let t6 = try #require((incident["steps"] as? [[String: Any]])?.first { $0["id"] as? String == "t6" }?["bootNs"] as? Int64)
    #expect((incident["shown"] as? [Any])?.isEmpty == true, "nobody looks yet")

    let opened = Centres.bootTime()
    let page = try await #require(Browser.shared).open("http://127.0.0.1:\(node.http)/")
    defer { withExtendedLifetime(page) {} }
    var shown: [[String: Any]] = []
    try await node.await {
      shown = try await node.get("/api/v1/incidents/\(id)")["shown"] as? [[String: Any]] ?? []
      return !shown.isEmpty
    }
    let first = try #require(shown.first)
    #expect(first["device"] as? String == "solo01")
    #expect(first["what"] as? String == "snapshot")
    let at = try #require(first["bootNs"] as? Int64)
    #expect(at > t6 && at > opened && at < Centres.bootTime())
    // The board draws again and again; it reports once.
    let before = Centres.bootTime()
    try await node.await { Centres.bootTime() > before + 4_000_000_000 }
    let after = try await node.get("/api/v1/incidents/\(id)")
    #expect((after["shown"] as? [Any])?.count == 1)
    #expect((after["steps"] as? [[String: Any]] ?? []).allSatisfy { $0["source"] as? String != "picture.shown" })
    #expect((after["county"] as? [String: Any])?["seconds"] as? Double == (incident["county"] as? [String: Any])?["seconds"] as? Double)
  }
}
