import Command
import FirstFrameTesting
import Foundation
import Hub
import Measure
import Model
import NIOCore
import Testing

@testable import Web

@Suite("Answers")
struct AnswerTests {
  /// Everything that the API may be asked, on a node where something has happened, with what it answers.
  private struct Visit {
    var operation: APIDescription.Operation
    var path: String
    var body: JSONValue?
    var status = 200

    init(_ method: String, _ operation: String, _ path: String? = nil, _ body: JSONValue? = nil, status: Int = 200) {
      self.operation = APIDescription.Operation(method: method, path: operation)
      self.path = path ?? operation
      self.body = body
      self.status = status
    }
  }

  private func visits(_ id: String, _ session: String) -> [Visit] {
    let incident = "/api/v1/incidents/{id}"
    let shown: JSONValue = ["device": "单兵01", "what": "snapshot", "viewer": "screen-one", "ageMs": 20]
    return [
      Visit("GET", "/healthz"), Visit("GET", "/metrics"), Visit("GET", "/openapi.json"), Visit("GET", "/"),
      Visit("GET", "/assets/{path}", "/assets/js/component.js"), Visit("GET", "/assets/{path}", "/assets/css/views/board.css"),
      Visit("GET", "/api/v1/node"), Visit("GET", "/api/v1/links"), Visit("GET", "/api/v1/devices"), Visit("GET", "/api/v1/heard"),
      Visit("GET", "/api/v1/streams"), Visit("GET", "/api/v1/streams/{name}", "/api/v1/streams/live/solo01"),
      Visit("GET", "/api/v1/archive/{name}", "/api/v1/archive/live/solo01"),
      Visit(
        "POST", "/api/v1/incidents", nil, ["title": "洪水", "devices": ["单兵01"], "receivedAt": "2026-11-30T08:00:00Z", "external": "7"], status: 201),
      Visit("GET", incident, "/api/v1/incidents/\(id)"),
      Visit("POST", "\(incident)/steps", "/api/v1/incidents/\(id)/steps", ["step": "acknowledged", "device": "单兵01"]),
      Visit("POST", "\(incident)/shown", "/api/v1/incidents/\(id)/shown", shown),
      Visit("GET", "/api/v1/incidents"), Visit("GET", "/api/v1/rates"), Visit("GET", "/api/v1/rates", "/api/v1/rates?month=2026-11"),
      Visit("POST", "/api/v1/connections", nil, ["device": "单兵01", "how": "rollCall"], status: 201),
      Visit(
        "POST", "/api/v1/exclusions", nil, ["rate": "thirtyMinute", "incident": .string(id), "reason": "演练取消", "approver": "张三"], status: 201),
      Visit("GET", "/api/v1/snapshots/{file}", "/api/v1/snapshots/county-\(id)-0.jpg"),
      Visit("GET", "/api/v1/receipts/{file}", "/api/v1/receipts/\(id).json"), Visit("GET", "/api/v1/receipts/{file}", "/api/v1/receipts/pub.pem"),
      Visit("GET", "/api/v1/receipts/{file}", "/api/v1/receipts/\(id).sig"),
      Visit("GET", "/api/v1/reports/{file}", "/api/v1/reports/\(id).html"),
      Visit("GET", "/api/v1/inspections/{file}", "/api/v1/inspections/\(id).html"),
      Visit("GET", "/api/v1/inspections/{file}", "/api/v1/inspections/\(id).csv"),
      Visit("GET", "/api/v1/inspections/{file}", "/api/v1/inspections/\(id).json"),
      Visit("GET", "/api/v1/facts"), Visit("GET", "/api/v1/facts", "/api/v1/facts?limit=2"),
      Visit("POST", "\(incident)/close", "/api/v1/incidents/\(id)/close", ["reason": "演练结束"]),
      Visit("DELETE", "/api/v1/streams/{name}", "/api/v1/streams/live/solo01"),
    ]
  }

  @Test("every answer of every route is as openapi.json describes it, member by member")
  func schemas() async throws {
    let node = try await RunningNode()
    let incident = try await node.shown("莫干山 <b>山火</b>")
    let reader = StubReader()
    let subscription = try await node.hub.subscribe(reader, to: try #require(StreamName("live/solo01")), form: .units).get()
    try node.write("receipts/\(incident.id).json", Array("{}".utf8))
    for name in ["pub.pem", "\(incident.id).sig"] { try node.write("receipts/\(name)", Array("x".utf8)) }
    let description = try APIDescription()
    var visited: Set<APIDescription.Operation> = []
    for visit in visits(incident.id, "") {
      let answer = try await node.client.send(visit.operation.method, visit.path, body: visit.body?.text)
      #expect(answer.status == visit.status, "\(visit.path): \(answer.text)")
      #expect(try description.problems(answer, to: visit.operation) == [], "\(visit.operation.method) \(visit.path)")
      #expect(!answer.body.isEmpty, "\(visit.path)")
      visited.insert(visit.operation)
    }
    subscription.cancel()
    let events = APIDescription.Operation(method: "GET", path: "/api/v1/events")
    #expect(Set(description.operations.keys).subtracting(visited) == [events], "the event stream has tests of its own")
  }

  @Test("a stream's answer has its publisher, its figures and its readers")
  func stream() async throws {
    let node = try await RunningNode()
    _ = try await node.publish()
    let reader = StubReader()
    let subscription = try await node.hub.subscribe(reader, to: try #require(StreamName("live/solo01")), form: .units).get()
    let stream = try await node.client.get("/api/v1/streams/live/solo01").json
    #expect(stream["state"] == "live" && stream["protocol"] == "rtmp" && stream["key"] == "crew" && stream["remote"] == "10.0.0.7:1935")
    #expect(stream["tracks"]?[0]?["codec"] == "h264")
    #expect(stream["quality"]?["inbound"]?["packetsLost"] == 7)
    #expect(stream["readers"]?[0]?["remote"] == "10.0.0.9:40000")
    #expect(stream["quality"]?["outbound"]?[0]?["packetsLost"] == .null)
    // A name may come percent-encoded, as a browser sends it.
    #expect(try await node.client.get("/api/v1/streams/live%2Fsolo01").json["name"] == "live/solo01")
    subscription.cancel()
  }

  @Test("every failure is an object of the same form with its status")
  func failures() async throws {
    let node = try await RunningNode()
    let closed = try await node.open("x").id
    _ = try await node.desk.close(closed, reason: nil)
    let open = try await node.open("y").id
    let long = String(repeating: "x", count: 300_000)
    let requests: [(String, String, String?, Int, String)] = [
      ("GET", "/nothing", nil, 404, "notFound"), ("GET", "/api/v1/incidents/nobody", nil, 404, "incidentUnknown"),
      ("PUT", "/api/v1/incidents", "{}", 404, "notFound"),
      ("POST", "/api/v1/incidents/\(closed)/close", nil, 409, "incidentClosed"),
      ("POST", "/api/v1/incidents/\(closed)/steps", #"{"step": "voice", "device": "单兵01"}"#, 409, "incidentClosed"),
      ("POST", "/api/v1/incidents/\(open)/steps", #"{"step": "dance", "device": "单兵01"}"#, 400, "requestInvalid"),
      ("POST", "/api/v1/incidents/\(open)/steps", #"{"step": "voice"}"#, 400, "requestInvalid"),
      ("POST", "/api/v1/incidents/\(open)/steps", #"{"step": "voice", "device": "nobody"}"#, 400, "deviceUnknown"),
      ("POST", "/api/v1/incidents/\(open)/shown", #"{"device": "单兵01", "what": "smell", "viewer": "12345678"}"#, 400, "requestInvalid"),
      ("POST", "/api/v1/incidents/\(open)/shown", #"{"device": "单兵01", "what": "video", "viewer": "12345678", "ageMs": -1}"#, 400, "requestInvalid"),
      ("POST", "/api/v1/incidents/\(open)/shown", #"{"device": "单兵01", "what": "video", "viewer": "<b>12345678"}"#, 400, "requestInvalid"),
      ("POST", "/api/v1/incidents", "{}", 400, "requestInvalid"), ("POST", "/api/v1/incidents", "[]", 400, "requestInvalid"),
      ("POST", "/api/v1/incidents", "{\"title\": ", 400, "requestInvalid"),
      ("POST", "/api/v1/incidents", #"{"title": "x", "devices": [7]}"#, 400, "requestInvalid"),
      ("POST", "/api/v1/incidents", #"{"title": "x", "receivedAt": "today"}"#, 400, "requestInvalid"),
      ("POST", "/api/v1/incidents", "{\"title\": \"\(long)\"}", 400, "httpMalformed"),
      ("POST", "/api/v1/connections", "{}", 400, "requestInvalid"),
      ("POST", "/api/v1/connections", #"{"device": "单兵01", "how": "nicely"}"#, 400, "requestInvalid"),
      ("POST", "/api/v1/exclusions", #"{"rate": "all", "reason": "x", "approver": "y"}"#, 400, "requestInvalid"),
      ("GET", "/api/v1/rates?month=2026-1x", nil, 400, "requestInvalid"), ("GET", "/api/v1/streams/live/nobody", nil, 404, "streamUnknown"),
      ("GET", "/api/v1/streams/a%20b", nil, 400, "streamNameInvalid"), ("DELETE", "/api/v1/streams/live/nobody", nil, 404, "streamUnknown"),
      ("GET", "/api/v1/archive/%3Cb%3E", nil, 400, "streamNameInvalid"), ("GET", "/api/v1/reports/nobody.html", nil, 404, "incidentUnknown"),
      ("GET", "/api/v1/reports/\(open).pdf", nil, 404, "notFound"), ("GET", "/api/v1/inspections/nobody.csv", nil, 404, "incidentUnknown"),
      ("GET", "/api/v1/inspections/\(open).exe", nil, 404, "notFound"), ("GET", "/api/v1/inspections/\(open)", nil, 404, "notFound"),
    ]
    let description = try APIDescription()
    for (method, path, body, status, code) in requests {
      let answer = try await node.client.send(method, path, body: body)
      #expect(answer.status == status, "\(method) \(path) \(body?.prefix(80) ?? "")")
      #expect(answer.code == code, "\(method) \(path) \(body?.prefix(80) ?? "")")
      #expect(description.problems(try answer.json, "Error") == [], "\(method) \(path)")
    }
    #expect(try await node.desk.list(before: nil, limit: 50).incidents.count == 2, "nothing that was refused was opened")
  }

  @Test("a body that is framed wrongly is the client's fault")
  func framing() async throws {
    let node = try await RunningNode()
    let answer = try await node.client.send("POST", "/api/v1/incidents", headers: ["Transfer-Encoding": "chunked"], body: "zz\r\n")
    #expect(answer.status == 400)
    #expect(try await node.desk.list(before: nil, limit: 50).incidents.isEmpty)
  }

  @Test("the metrics count what there is, with labels that a scraper can read")
  func metrics() async throws {
    let node = try await RunningNode()
    _ = try await node.shown("x")
    let text = try await node.client.get("/metrics").text
    for line in [
      "firstframe_info{node=\"county\",role=\"county\",version=\"0.0\"} 1", "firstframe_streams{state=\"live\"} 1", "firstframe_incidents_open 1",
      "firstframe_inbound_packets_lost_total{stream=\"live/solo01\",hop=\"device\",method=\"rtp\"} 7",
      "firstframe_inbound_jitter_seconds{stream=\"live/solo01\",hop=\"device\",method=\"rtp\"} 0.0015", "firstframe_archive_bytes_total 1000",
      "firstframe_event_clients 0", "firstframe_event_clients_closed_total 0",
    ] { #expect(text.contains("\n\(line)\n") || text.hasPrefix("\(line)\n"), "\(line)") }
    // Every sample's family is described before it.
    var described: Set<String> = []
    for line in text.split(separator: "\n") {
      if line.hasPrefix("# TYPE ") { described.insert(String(line.split(separator: " ")[2])) }
      guard !line.hasPrefix("#") else { continue }
      #expect(described.contains(String(line.prefix { $0 != "{" && $0 != " " })), "\(line)")
    }
    var page = MetricsText()
    page.family("f", "gauge", "x") { $0.sample([("l", "a\"\u{301}\\\n")], 0.5) }
    #expect(page.text.unicodeScalars.elementsEqual("# HELP f x\n# TYPE f gauge\nf{l=\"a\\\"\u{301}\\\\\\n\"} 0.5\n".unicodeScalars))
  }
}
