import Model
import NIOCore
import Synchronization
import Testing

@testable import Web

@Suite("Events that wait")
struct EventQueueTests {
  private func limits(events: Int = 4, bytes: Int = 100, each: Int = 2, all: Int = 3) -> EventLimits {
    var limits = EventLimits()
    limits.queuedEvents = events
    limits.queuedBytes = bytes
    limits.clientsPerAddress = each
    limits.clients = all
    return limits
  }

  private func event(_ size: Int) -> ByteBuffer { ByteBuffer(repeating: 120, count: size) }

  @Test("a queue takes as many as either limit allows, in order, and makes room as they are read")
  func bounds() {
    var queue = EventQueue(limits())
    /// The sizes of those that are taken.
    func append(_ sizes: Int...) -> [Int] { sizes.filter { queue.append(event($0)) } }
    func read(_ count: Int) -> [Int?] { (0..<count).map { _ in queue.popFirst()?.readableBytes } }
    #expect(append(10, 10, 10, 10, 1) == [10, 10, 10, 10])
    #expect(queue.count == 4 && queue.bytes == 40)
    #expect(read(1) == [10])
    #expect(append(60, 1) == [60] && queue.bytes == 90)
    #expect(read(1) == [10])
    #expect(append(21, 20) == [20] && queue.bytes == 100)
    #expect(read(5) == [10, 10, 60, 20, nil] && queue.bytes == 0)
  }

  @Test("a client gets what waited, then what comes, and nil at the end")
  func reading() async {
    let client = EventClient(address: "a", limits: limits()) {}
    #expect(client.offer(event(1)) && client.offer(event(2)))
    #expect(await client.next()?.readableBytes == 1)
    #expect(await client.next()?.readableBytes == 2)
    async let waited = client.next()
    while !client.offer(event(3)) || client.queued.events > 0 {
      if client.queued.events > 0 { break }
      await Task.yield()
    }
    #expect(await waited?.readableBytes == 3)
    #expect(client.offer(event(4)))
    client.finish()
    #expect(client.offer(event(5)), "an event after the end is nobody's fault")
    #expect(await client.next()?.readableBytes == 4, "what waited when the feed ended is still read")
    #expect(await client.next() == nil)
  }

  @Test("a reader whose task is cancelled does not wait on")
  func cancelled() async {
    let client = EventClient(address: "a", limits: limits()) {}
    let reading = Task { await client.next() }
    reading.cancel()
    #expect(await reading.value == nil)
    #expect(await client.next() == nil)
  }

  @Test("a client that does not read is closed, counted and forgotten, and what it did not read is let go; the others go on")
  func slow() async throws {
    let facts = ScriptedFacts()
    let feed = EventFeed(facts, limits: limits(bytes: 10_000))
    let running = Task { await feed.run() }
    let closed = Mutex(0)
    let slow = try feed.join(address: "a", after: nil) { closed.withLock { $0 += 1 } }
    let quick = try feed.join(address: "b", after: nil) { Issue.record("it reads") }
    for number in 1...20 as ClosedRange<Int64> {
      facts.publish(number)
      #expect(await quick.next().map { String(buffer: $0) }?.hasPrefix("id: \(number)\nevent: test\n") == true)
      #expect(feed.figures.queuedEvents <= 4)
    }
    #expect(closed.withLock { $0 } == 1)
    #expect(feed.figures == EventFeed.Figures(clients: 1, queuedEvents: 0, queuedBytes: 0, closed: 1, refused: 0))
    #expect(slow.queued == (0, 0))
    #expect(await slow.next() == nil)
    feed.leave(slow)
    #expect(feed.figures.clients == 1, "one that was closed cannot leave a second time")
    facts.finish()
    await running.value
    #expect(await quick.next() == nil)
  }

  @Test("an address may have so many clients, and all addresses together so many; whoever leaves makes room")
  func addresses() throws {
    let feed = EventFeed(ScriptedFacts(), limits: limits())
    let first = try feed.join(address: "a", after: nil) {}
    _ = try feed.join(address: "a", after: nil) {}
    #expect(throws: Fault(.tooManyClients, "a")) { try feed.join(address: "a", after: nil) {} }
    _ = try feed.join(address: "b", after: nil) {}
    #expect(throws: Fault(.tooManyClients, "c")) { try feed.join(address: "c", after: nil) {} }
    feed.leave(first)
    _ = try feed.join(address: "a", after: nil) {}
    #expect(feed.figures.refused == 2 && feed.figures.clients == 3)
  }

  @Test("an answer that is never written gives its place back")
  func registration() throws {
    let feed = EventFeed(ScriptedFacts(), limits: limits())
    do {
      let registration = EventRegistration(try feed.join(address: "a", after: nil) {}, in: feed)
      #expect(feed.figures.clients == 1)
      withExtendedLifetime(registration) {}
    }
    #expect(feed.figures.clients == 0)
  }

  @Test("a client that comes back gets what it missed once, as much of the newest as fills half a queue")
  func missed() async throws {
    let facts = ScriptedFacts()
    for number in 1...9 as ClosedRange<Int64> { facts.publish(number) }
    let feed = EventFeed(facts, limits: limits(bytes: 10_000))
    func numbers(after: Int64?) async throws -> [String] {
      let client = try feed.join(address: "\(after ?? -1)", after: after) {}
      client.finish()
      var found: [String] = []
      while let event = await client.next() { found.append(String(String(buffer: event).split(separator: "\n")[0])) }
      feed.leave(client)
      return found
    }
    #expect(try await numbers(after: 8) == ["id: 9"])
    #expect(try await numbers(after: 0) == ["id: 8", "id: 9"])
    #expect(try await numbers(after: 9) == [])
    #expect(try await numbers(after: nil) == [])
  }
}

/// Facts that a test publishes by number.
final class ScriptedFacts: FactsSource {
  private struct State {
    var facts: [Fact] = []
    var subscribers: [AsyncStream<Fact>.Continuation] = []
  }

  private let state = Mutex(State())

  func publish(_ number: Int64) {
    let fact = Fact(
      node: "n", boot: "b", sequence: number, bootTime: BootTime(nanoseconds: number), wall: "", kind: "test", previous: "", hash: "",
      fields: ["seq": .int(number), "text": "line\nbreak"])
    state.withLock { state in
      state.facts.append(fact)
      for subscriber in state.subscribers { subscriber.yield(fact) }
    }
  }

  func finish() { state.withLock { for subscriber in $0.subscribers { subscriber.finish() } } }

  var last: (sequence: Int64, hash: String) { state.withLock { ($0.facts.last?.sequence ?? 0, "") } }
  func recent(limit: Int) -> [Fact] { state.withLock { $0.facts.suffix(limit) } }

  func subscribe(after sequence: Int64?, buffer: Int) -> AsyncStream<Fact> {
    let (stream, continuation) = AsyncStream<Fact>.makeStream()
    state.withLock { state in
      for fact in state.facts where fact.sequence > (sequence ?? .max) { continuation.yield(fact) }
      state.subscribers.append(continuation)
    }
    return stream
  }
}
