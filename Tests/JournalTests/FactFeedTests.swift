import Logging
import Model
import Synchronization
import Testing

@testable import Journal

/// A consumer that keeps what it is brought, and can be made to wait in the middle of a fact.
private final class Listener: FactConsumer {
  private struct State {
    var past: [Int64] = []
    var facts: [Fact] = []
    var ticks = 0
    var isHeld: Bool
    var waiting: [CheckedContinuation<Void, Never>] = []
    var wanted: (sequence: Int64, reply: CheckedContinuation<Void, Never>)?
  }

  let kinds: Set<String>
  private let state: Mutex<State>

  init(_ kinds: Set<String>, held: Bool = false) {
    self.kinds = kinds
    state = Mutex(State(isHeld: held))
  }

  var past: [Int64] { state.withLock { $0.past } }
  var sequences: [Int64] { state.withLock { $0.facts.map(\.sequence) } }
  var kindsSeen: Set<String> { state.withLock { Set($0.facts.map(\.kind)) } }
  var ticks: Int { state.withLock { $0.ticks } }

  func recover(_ past: FactHistory) async throws(Fault) {
    // A query without kinds names them all.
    let own = kinds.isEmpty ? [] : try await past.all(FactQuery(kinds: kinds.sorted(), limit: 7))
    state.withLock { $0.past = own.map(\.sequence) }
  }

  func apply(_ fact: Fact) async {
    await withCheckedContinuation { continuation in
      let isHeld = state.withLock { state in
        if state.isHeld { state.waiting.append(continuation) }
        return state.isHeld
      }
      if !isHeld { continuation.resume() }
    }
    let reply = state.withLock { state -> CheckedContinuation<Void, Never>? in
      state.facts.append(fact)
      guard let wanted = state.wanted, wanted.sequence <= fact.sequence else { return nil }
      state.wanted = nil
      return wanted.reply
    }
    reply?.resume()
  }

  func tick(at now: BootTime) async { state.withLock { $0.ticks += 1 } }

  /// Goes on with what was held.
  func release() {
    let waiting = state.withLock { state in
      state.isHeld = false
      defer { state.waiting = [] }
      return state.waiting
    }
    for one in waiting { one.resume() }
  }

  /// Returns when a fact of that number, or a later one, was applied.
  func reached(_ sequence: Int64) async {
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        if state.facts.last.map({ $0.sequence >= sequence }) == true { return true }
        state.wanted = (sequence, continuation)
        return false
      }
      if isOver { continuation.resume() }
    }
  }
}

@Suite("The feed of facts to a node's consumers")
struct FactFeedTests {
  private let folder: TemporaryFolder
  private let identity: NodeIdentity
  private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  init() throws {
    folder = try TemporaryFolder()
    identity = try NodeIdentity.load(dataFolder: folder.path)
  }

  private func feed(
    _ journal: Journal, _ projection: Projection, _ consumers: [any FactConsumer], buffer: Int = 65_536
  ) async throws -> FactFeed {
    try await FactFeed(journal, projection, consumers: consumers, clock: TestClock(), buffer: buffer, logger: quiet)
  }

  @Test("brings a slow consumer every fact once and in order, though the subscription dropped thousands")
  func gap() async throws {
    let journal = try Journal.test(folder, identity: identity) { $0.queueBytes = 256 << 20 }
    let projection = try Projection(following: journal)
    let slow = Listener(["test.a", "test.b"], held: true)
    let feed = try await feed(journal, projection, [slow], buffer: 4)
    feed.start()
    for number in 0..<6000 { journal.record(number % 3 == 0 ? "test.a" : "test.b", ["number": .int(Int64(number))]) }
    let last = try await journal.commit("test.a", [:]).sequence
    // The feed stands in the first fact, and of all the others the subscription holds four.
    slow.release()
    await slow.reached(last)
    let written = Journal.read(dataFolder: folder.path).facts.filter { slow.kinds.contains($0.kind) }.map(\.sequence)
    #expect(written.count == 6001)
    #expect(slow.sequences == written)
    #expect(feed.gaps > 0, "nothing was dropped: the test proves nothing")
    feed.stop()
    await journal.close()
    await projection.close()
  }

  @Test("brings the past of each consumer's kinds, then what comes after it, and nothing twice")
  func past() async throws {
    let journal = try Journal.test(folder, identity: identity)
    let projection = try Projection(following: journal)
    for number in 0..<50 { journal.record(number % 2 == 0 ? "test.a" : "test.b", [:]) }
    _ = try await journal.commit("test.c", [:])
    let (first, second) = (Listener(["test.a"]), Listener(["test.b", "test.c"]))
    let feed = try await feed(journal, projection, [first, second])
    // Between the recovery and the start, facts go on.
    for number in 0..<50 { journal.record(number % 2 == 0 ? "test.a" : "test.b", [:]) }
    feed.start()
    let last = try await journal.commit("test.c", [:]).sequence
    await second.reached(last)
    let all = Journal.read(dataFolder: folder.path).facts
    func numbers(_ kinds: Set<String>) -> [Int64] { all.filter { kinds.contains($0.kind) }.map(\.sequence) }
    #expect(first.past.count == 25 && second.past.count == 26)
    #expect(first.past + first.sequences == numbers(["test.a"]))
    #expect(second.past + second.sequences == numbers(["test.b", "test.c"]))
    #expect(feed.gaps == 0)
    feed.stop()
    await journal.close()
    await projection.close()
  }

  @Test("brings no consumer a kind that it did not ask for, and ticks them all")
  func kindsAndTicks() async throws {
    let journal = try Journal.test(folder, identity: identity)
    let projection = try Projection(following: journal)
    let (listener, ticked) = (Listener(["test.a"]), Listener([]))
    let feed = try await feed(journal, projection, [listener, ticked])
    feed.start(second: .milliseconds(1))
    journal.record("test.b", [:])
    await listener.reached(try await journal.commit("test.a", [:]).sequence)
    #expect(listener.kindsSeen == ["test.a"])
    while listener.ticks < 3 || ticked.ticks < 3 { await Task.yield() }
    #expect(ticked.sequences.isEmpty && ticked.past.isEmpty)
    feed.stop()
    await journal.close()
    await projection.close()
  }

  @Test("that is stopped brings nothing more, also while it reads back")
  func stop() async throws {
    let journal = try Journal.test(folder, identity: identity)
    let projection = try Projection(following: journal)
    let listener = Listener(["test.a"], held: true)
    let feed = try await feed(journal, projection, [listener], buffer: 1)
    feed.start()
    for _ in 0..<100 { journal.record("test.a", [:]) }
    _ = try await journal.commit("test.a", [:])
    feed.stop()
    listener.release()
    await journal.close()
    await projection.close()
    #expect(listener.sequences.count <= 1)
  }

  @Test("cannot be opened on an index that is closed")
  func closed() async throws {
    let journal = try Journal.test(folder, identity: identity)
    let projection = try Projection(following: journal)
    await projection.close()
    _ = try await journal.commit("test.a", [:])
    await #expect(throws: Fault.self) { try await feed(journal, projection, [Listener(["test.a"])]) }
    await journal.close()
  }
}
