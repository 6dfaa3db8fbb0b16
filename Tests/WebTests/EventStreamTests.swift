import FirstFrameTesting
import Foundation
import Journal
import Model
import NIOCore
import Testing

@testable import Web

@Suite("The event stream", .serialized)
struct EventStreamTests {
  /// Facts of two kilobytes, as many as are asked for.
  private func record(_ count: Int, on node: RunningNode) {
    for number in 0..<count {
      node.journal.record("test.fill", ["number": .int(Int64(number)), "text": .string(String(repeating: "x", count: 2000))], at: nil)
    }
  }

  @Test("gives each fact when it is durable, with its number, its kind and all its fields")
  func follows() async throws {
    let node = try await RunningNode()
    var events: [String] = []
    try await node.client.follow { event in
      events.append(event)
      if events.count == 1 { _ = try await node.journal.commit("test.one", ["title": "a\n\n<b>"], at: nil) }
      return events.count < 2
    }
    #expect(events[0] == "retry: 2000")
    let lines = events[1].components(separatedBy: "\n")
    #expect(lines.count == 3 && lines[0].hasPrefix("id: ") && lines[1] == "event: test.one")
    let data = try JSONValue(parsing: Data(lines[2].dropFirst(6).utf8))
    #expect(data["title"] == "a\n\n<b>")
    #expect(try APIDescription().problems(data, "Fact") == [])
  }

  @Test("repeats what came after the number that a client saw last, by address or by header, and then goes on without a hole")
  func resumes() async throws {
    let node = try await RunningNode()
    let seen = try await node.journal.commit("test.one", [:]).sequence
    for kind in ["test.two", "test.three"] { _ = try await node.journal.commit(kind, [:]) }
    for (path, headers) in [("/api/v1/events?after=\(seen)", [:]), ("/api/v1/events", ["Last-Event-ID": "\(seen)"])] {
      var numbers: [Int64] = []
      try await node.client.follow(path, headers: headers) { event in
        guard event.hasPrefix("id: "), let number = Int64(event.dropFirst(4).prefix { $0 != "\n" }) else { return true }
        numbers.append(number)
        if numbers.count == 2 { _ = try await node.journal.commit("test.more", [:]) }
        return numbers.count < 3
      }
      #expect(numbers == Array((numbers.first ?? 0)...((numbers.first ?? 0) + 2)) && numbers.first == seen + 1, "\(path)")
    }
  }

  @Test("a client that never reads is cut off with what it may hold; another one reads every fact meanwhile")
  func neverReads() async throws {
    var limits = EventLimits()
    limits.queuedEvents = 100
    limits.queuedBytes = 100_000
    let node = try await RunningNode(limits: limits)
    let stalled = try await node.client.stall()
    try await RunningNode.eventually { node.server.eventFigures.clients == 1 }
    var most = 0
    var numbers: [Int64] = []
    // Far more than the kernel takes for both ends of a connection on this machine.
    let facts = 6000
    // What is published at once fits in a queue.
    let batch = 20
    try await node.client.follow { event in
      if event == "retry: 2000" { self.record(batch, on: node) }
      guard event.hasPrefix("id: "), let number = Int64(event.dropFirst(4).prefix { $0 != "\n" }) else { return true }
      numbers.append(number)
      if numbers.count.isMultiple(of: batch), numbers.count < facts { self.record(batch, on: node) }
      most = max(most, node.server.eventFigures.queuedBytes)
      return numbers.count < facts
    }
    #expect(numbers == Array((numbers.first ?? 0)...((numbers.first ?? 0) + Int64(facts) - 1)), "the reader missed nothing")
    #expect(node.server.eventFigures.closed == 1)
    #expect(most > 0 && most <= 2 * limits.queuedBytes, "two clients never hold more than two queues")
    // Its connection is closed by us, not by it.
    try await stalled.setOption(.autoRead, value: true).get()
    try await stalled.closeFuture.get()
    let metrics = try await node.client.get("/metrics").text
    #expect(metrics.contains("firstframe_event_clients_closed_total 1\n"))
  }

  @Test("an address that has as many clients as it may gets an answer that says so, and room again when one leaves")
  func tooMany() async throws {
    var limits = EventLimits()
    limits.clientsPerAddress = 2
    limits.beat = .milliseconds(20)
    let node = try await RunningNode(limits: limits)
    let clients = [try await node.client.stall(), try await node.client.stall()]
    try await RunningNode.eventually { node.server.eventFigures.clients == 2 }
    let refused = try await node.client.get("/api/v1/events")
    #expect(refused.status == 429 && refused.code == "tooManyClients")
    #expect(try APIDescription().problems(refused, to: .init(method: "GET", path: "/api/v1/events")) == [])
    #expect(try await node.client.get("/metrics").text.contains("firstframe_event_clients_refused_total 1\n"))
    // Other requests of that address are answered all the same.
    #expect(try await node.client.get("/api/v1/node").status == 200)
    for client in clients { try await client.close() }
    // The next beats find the connections gone.
    try await RunningNode.eventually { node.server.eventFigures.clients == 0 }
    var isOpen = false
    try await node.client.follow { _ in
      isOpen = true
      return false
    }
    #expect(isOpen)
  }

  @Test("sends something now and then, so that both ends see a dead connection")
  func beats() async throws {
    var limits = EventLimits()
    limits.beat = .milliseconds(10)
    let node = try await RunningNode(limits: limits)
    var beats = 0
    try await node.client.follow { event in
      if event == ": beat" { beats += 1 }
      return beats < 3
    }
    #expect(beats == 3)
  }
}
