import Foundation
import Testing

@Suite("The rates of a running node", .serialized)
struct RateTests {
  @Test("a spot check of a live camera is a connection, an exclusion is on record, and the file's rates are those of the API")
  func rates() async throws {
    try #require(Program.exists("ffmpeg"), "ffmpeg is needed")
    let folder = try TemporaryFolder()
    let data = folder.path + "/county"
    let config = folder.path + "/county.yaml"
    try "devices: [{name: 单兵01, stream: live/cam1, class: soloKit, town: 武康街道}]\n".write(toFile: config, atomically: true, encoding: .utf8)
    let node = try Node(data: data, config: config)
    try await node.awaitReady()
    let camera = Process()
    camera.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    camera.arguments = [
      "ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25", "-c:v", "libx264", "-preset", "ultrafast", "-g",
      "25", "-pix_fmt", "yuv420p", "-f", "rtsp", "-rtsp_transport", "tcp", "rtsp://127.0.0.1:\(node.rtsp)/live/cam1",
    ]
    camera.standardInput = FileHandle.nullDevice
    try camera.run()
    // What is started on one of Swift's threads has inherited their signal mask, and never hears SIGTERM.
    defer { if camera.isRunning { kill(camera.processIdentifier, SIGKILL) } }
    let asked = try await node.post("/api/v1/connections", ["device": "单兵01"])
    let attempt = try #require(asked["attempt"] as? String)
    try await node.await { (try await RateTests.rate(node, "connection")["numerator"] as? Int) == 1 }
    let opened = try await node.post("/api/v1/incidents", ["title": "演练", "devices": ["单兵01"]])
    let incident = try #require(opened["id"] as? String)
    try await node.post("/api/v1/incidents/\(incident)/close", [:])
    try await node.post("/api/v1/exclusions", ["rate": "thirtyMinute", "incident": incident, "reason": "设备未到位", "approver": "张三"])
    try await node.await { (try await RateTests.rate(node, "thirtyMinute")["excluded"] as? Int) == 1 }
    let connection = try await RateTests.rate(node, "connection")
    let groups = try #require(connection["groups"] as? [String: Any])
    let towns = try #require(groups["town"] as? [[String: Any]])
    #expect(towns.map { $0["key"] as? String } == ["武康街道"])
    let month = try #require((groups["month"] as? [[String: Any]])?.first?["key"] as? String)
    let ofMonth = try await node.get("/api/v1/rates?month=\(month)")
    #expect((ofMonth["connection"] as? [String: Any])?["numerator"] as? Int == connection["numerator"] as? Int)
    let never = try await node.get("/api/v1/rates?month=1999-01")
    #expect((never["connection"] as? [String: Any])?["denominator"] as? Int == 0)
    #expect(((try await node.get("/api/v1/rates?month=soon")["error"] as? [String: Any])?["code"] as? String) == "requestInvalid")
    kill(camera.processIdentifier, SIGKILL)
    camera.waitUntilExit()
    node.stop()

    let told = try Program.run(Program.firstframe, ["rates", "--data", data, "--json"])
    let object = try #require(try JSONSerialization.jsonObject(with: Data(told.output.utf8)) as? [String: Any])
    let thirtyMinute = try #require(object["thirtyMinute"] as? [String: Any])
    #expect(thirtyMinute["denominator"] as? Int == 0)
    let exclusions = try #require(thirtyMinute["exclusions"] as? [[String: Any]])
    #expect(exclusions.first?["reason"] as? String == "设备未到位")
    #expect((exclusions.first?["approver"] as? String)?.count == 64)
    #expect((object["connection"] as? [String: Any])?["numerator"] as? Int ?? 0 >= 1)
    #expect(!told.output.contains("张三") && told.output.contains(incident))
    #expect(FileManager.default.fileExists(atPath: "\(data)/snapshots/county-\(attempt)-0.jpg"))
  }

  private static func rate(_ node: Node, _ name: String) async throws -> [String: Any] {
    try await node.get("/api/v1/rates")[name] as? [String: Any] ?? [:]
  }
}
