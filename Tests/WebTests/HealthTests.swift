import FirstFrameTesting
import Foundation
import Model
import Testing

@testable import Web

@Suite("Health")
struct HealthTests {
  private func ask(_ health: NodeHealth) async throws -> (status: Int, body: JSONValue, metrics: String) {
    let node = try await RunningNode(health: health)
    let answer = try await node.client.send("GET", "/healthz")
    let metrics = try await node.client.send("GET", "/metrics")
    await node.stop()
    return (answer.status, try JSONValue(parsing: answer.body), String(decoding: metrics.body, as: UTF8.self))
  }

  @Test("a node that can do all of its work says ok, and its disk and uplinks are in the metrics")
  func well() async throws {
    let (status, body, metrics) = try await ask(NodeHealth(disk: (free: 400, size: 1000)))
    #expect(status == 200 && body["status"] == "ok" && body["problems"] == [])
    for line in [
      "firstframe_disk_free_bytes 400", "firstframe_disk_size_bytes 1000", "firstframe_failing{part=\"disk\"} 0",
      "firstframe_failing{part=\"journal\"} 0", "firstframe_uplink_up{uplink=\"province\"} 1",
    ] { #expect(metrics.contains(line), "\(line)") }
  }

  @Test("a full disk, a recording that failed and a journal that cannot write are told, without paths, and the status is 503")
  func failing() async throws {
    let (status, body, metrics) = try await ask(
      NodeHealth(problems: [
        NodeHealth.Problem(.disk, Fault(.diskFull, "free: 2 ‰")), NodeHealth.Problem(.recording, Fault(.diskFull, "/var/lib/x")),
        NodeHealth.Problem(.journal, Fault(.diskFailed, "/var/lib/x: Input/output error")),
      ]))
    #expect(status == 503 && body["status"] == "failing")
    #expect((0..<3).map { body["problems"]?[$0]?["part"] } == ["disk", "recording", "journal"])
    #expect(body["problems"]?[2]?["code"] == "diskFailed")
    #expect(!"\(body)".contains("/var/lib"))
    #expect(metrics.contains("firstframe_failing{part=\"recording\"} 1"))
  }
}
