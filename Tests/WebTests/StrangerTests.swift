import FirstFrameTesting
import Foundation
import HTTPTypes
import Hummingbird
import Model
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import Web

@Suite("Strangers at the HTTP port")
struct StrangerTests {
  @Test("where nobody is asked for a key, no page of another site reads or drives the node, by whatever name it reached it")
  func otherSites() throws {
    let check = SiteCheck(hosts: ["Centre.example"])
    func code(_ authority: String?, _ origin: String? = nil) -> FaultCode? {
      do throws(Fault) { try check.check(authority: authority, origin: origin) } catch { return error.code }
      return nil
    }
    for authority in ["127.0.0.1:8080", "10.0.0.9", "[::1]:8080", "localhost:8080", "centre.example", nil] {
      #expect(code(authority) == nil, "\(authority ?? "")")
    }
    #expect(code("127.0.0.1:8080", "http://127.0.0.1:8080") == nil)
    #expect(code("127.0.0.1:8080", "https://centre.example") == nil)
    // A name that was pointed at the node, and another site's script.
    #expect(code("evil.example:8080") == .originRefused)
    for origin in ["http://evil.example", "http://127.0.0.1:9999", "null", "", "http://127.0.0.1:8080.evil.example"] {
      #expect(code("127.0.0.1:8080", origin) == .originRefused, "\(origin)")
    }
  }

  @Test("an open node refuses what another site's page asks, answers its own pages, and leaves its health open to all")
  func open() async throws {
    let node = try await RunningNode(ownHosts: [])
    let own = ["Origin": "http://127.0.0.1"]
    let other = ["Origin": "http://evil.example"]
    let body = #"{"title":"x","devices":["单兵01"]}"#
    #expect(try await node.client.send("POST", "/api/v1/incidents", headers: other, body: body).status == 403)
    #expect(try await node.client.send("GET", "/api/v1/facts", headers: other).status == 403)
    #expect(try await node.client.send("GET", "/healthz", headers: other).status == 200)
    #expect(try await node.client.send("POST", "/api/v1/incidents", headers: own, body: body).status == 201)
    #expect(try await node.client.get("/api/v1/node").status == 200)
  }

  @Test("too many tries and too many clients are 429, with the time after which to try again")
  func retryAfter() {
    let tries = FaultMiddleware.response(Fault(.tooManyAttempts, "10.0.0.9"))
    #expect(tries.status.code == 429 && tries.headers[.retryAfter] == "60")
    let clients = FaultMiddleware.response(Fault(.tooManyClients, "10.0.0.9"))
    #expect(clients.status.code == 429 && clients.headers[.retryAfter] == "10")
    #expect(FaultMiddleware.response(Fault(.accessDenied)).headers[.retryAfter] == nil)
  }

  @Test("a body that trickles is cut at its deadline, and one that is whole is not")
  func trickle() throws {
    let (trickling, whole) = (EmbeddedChannel(handler: RequestDeadline()), EmbeddedChannel(handler: RequestDeadline()))
    let head = HTTPServerRequestPart.head(HTTPRequestHead(version: .http1_1, method: .POST, uri: "/"))
    for channel in [trickling, whole] {
      try channel.connect(to: SocketAddress(ipAddress: "10.0.0.9", port: 1)).wait()
      try channel.writeInbound(head)
    }
    try whole.writeInbound(HTTPServerRequestPart.end(nil))
    for _ in 0..<19 {
      trickling.embeddedEventLoop.advanceTime(by: .seconds(1))
      try trickling.writeInbound(HTTPServerRequestPart.body(ByteBuffer(bytes: [1])))
    }
    #expect(trickling.isActive)
    trickling.embeddedEventLoop.advanceTime(by: .seconds(1))
    whole.embeddedEventLoop.advanceTime(by: .seconds(100))
    #expect(!trickling.isActive && whole.isActive)
  }

  @Test("the server puts the deadline behind its parser, and connections that there is no room for are closed")
  func connections() async throws {
    let guardian = ConnectionGuard(ConnectionLimits(total: 1))
    let node = try await RunningNode(admission: guardian)
    let follower = try await node.client.stall()
    try await RunningNode.eventually { node.server.eventFigures.clients == 1 }
    // Who follows the events has shown what it may: it makes no room.
    await #expect(throws: (any Error).self) { try await node.client.get("/healthz") }
    #expect(guardian.figures.refused == 1 && guardian.figures.shed == 0)
    try await follower.close()
    try await RunningNode.eventually { guardian.figures.standing == 0 }
    #expect(try await node.client.get("/healthz").status == 200)
  }

  @Test("clients that ask for what they missed share its bytes; one that does not read for a beat is cut off")
  func events() async throws {
    let facts = ScriptedFacts()
    for number in 1...9 as ClosedRange<Int64> { facts.publish(number) }
    var limits = EventLimits()
    limits.queuedEvents = 20
    limits.beat = .milliseconds(20)
    let feed = EventFeed(facts, limits: limits)
    let clients = try (0..<2).map { try feed.join(address: "\($0)", after: 0) {} }
    var texts: [ByteBuffer] = []
    for client in clients { texts.append(try #require(await client.next())) }
    let places = texts.map { $0.withUnsafeReadableBytes { $0.baseAddress } }
    #expect(places[0] != nil && places[0] == places[1])
    let running = Task { await feed.run() }
    try await RunningNode.eventually { feed.figures.clients == 0 }
    #expect(feed.figures.closed == 2)
    running.cancel()
    facts.finish()
    await running.value
  }
}
