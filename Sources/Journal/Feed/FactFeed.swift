public import Logging
public import Model
internal import Synchronization

/// Brings the journal's facts to the consumers of a node: the past from the index, then every new fact after its fsync, and a tick a second.
///
/// The journal's own subscription is bounded and drops its oldest facts when a consumer is slow. The feed sees that by the sequence numbers, and reads
/// what is missing from the index before any consumer gets a later fact: a verdict can only stand on a journal without holes.
public final class FactFeed: Sendable {
  private struct State {
    var tasks: [Task<Void, Never>] = []
    var gaps = 0
  }

  /// Facts a page when a gap is read back.
  private static let pageSize = 1000

  private let projection: Projection
  private let consumers: [any FactConsumer]
  private let kinds: [String]
  private let clock: any NodeClock
  private let logger: Logger
  private let facts: AsyncStream<Fact>
  /// The newest fact of the past.
  private let through: Int64
  private let state = Mutex(State())

  /// Subscribes, then lets each consumer recover in the order of the list. Throws ``Fault`` when the index cannot be read.
  /// - Parameter buffer: facts that may wait for a slow consumer in memory; more are read back from the index.
  public init(
    _ journal: Journal, _ projection: Projection, consumers: [any FactConsumer], clock: any NodeClock, buffer: Int = 65_536, logger: Logger
  ) async throws(Fault) {
    self.projection = projection
    self.consumers = consumers
    self.clock = clock
    self.logger = logger
    kinds = consumers.reduce(into: Set<String>()) { $0.formUnion($1.kinds) }.sorted()
    // In this order a fact is in the past or in the subscription, or in both.
    facts = journal.subscribe(buffer: buffer)
    through = journal.last.sequence
    guard await projection.caughtUp(to: through) else { throw Fault(.diskFailed, "the index is closed") }
    let past = FactHistory(projection, through: through)
    for consumer in consumers { try await consumer.recover(past) }
  }

  /// How often the subscription had dropped facts that were then read back.
  public var gaps: Int { state.withLock { $0.gaps } }

  /// Begins to bring facts and ticks.
  /// - Parameter second: between two ticks.
  public func start(second: Duration = .seconds(1)) {
    let following = Task { await follow() }
    let ticking = consumers.map { consumer in Task { await tick(consumer, every: second) } }
    state.withLock { $0.tasks = [following] + ticking }
  }

  /// Brings nothing more; a call that a consumer is in ends by itself.
  public func stop() {
    let tasks = state.withLock { state in
      defer { state.tasks = [] }
      return state.tasks
    }
    for task in tasks { task.cancel() }
  }

  // MARK: Facts

  private func follow() async {
    var reached = through
    for await fact in facts where fact.sequence > reached {
      if fact.sequence > reached &+ 1 {
        guard await readBack(after: reached, before: fact.sequence) else { return }
      }
      await deliver(fact)
      reached = fact.sequence
    }
  }

  private func deliver(_ fact: Fact) async {
    for consumer in consumers where consumer.kinds.contains(fact.kind) { await consumer.apply(fact) }
  }

  /// Delivers what the subscription dropped. False when the feed or the index was closed before.
  private func readBack(after last: Int64, before next: Int64) async -> Bool {
    logger.warning("facts dropped on their way; read from the index", metadata: ["after": "\(last)", "before": "\(next)"])
    state.withLock { $0.gaps += 1 }
    var last = last
    while !Task.isCancelled {
      guard await projection.caughtUp(to: next - 1) else { return false }
      do throws(Fault) {
        let page = try await projection.facts(FactQuery(kinds: kinds, after: last, before: next, limit: FactFeed.pageSize))
        for fact in page {
          guard !Task.isCancelled else { return false }
          await deliver(fact)
          last = fact.sequence
        }
        if page.count < FactFeed.pageSize { return true }
      } catch {
        // Nobody may see a later fact before these.
        logger.error("\(error)")
        try? await Task.sleep(for: .seconds(1))
      }
    }
    return false
  }

  // MARK: Ticks

  private func tick(_ consumer: any FactConsumer, every second: Duration) async {
    let timer = ContinuousClock()
    var next = timer.now
    while true {
      // One that took longer than a second is not called more often afterwards.
      next = max(next.advanced(by: second), timer.now)
      do { try await timer.sleep(until: next, tolerance: nil) } catch { return }
      await consumer.tick(at: clock.bootTime())
    }
  }
}
