public import Model
internal import Synchronization

/// Stands before the journal: sums what strangers are refused (``RefusalSums``), and passes all other facts on as they are.
public final class RefusalCounter: FactSink {
  private let facts: any FactSink
  private let clock: any NodeClock
  private let sums = Mutex(RefusalSums())

  /// - Parameter facts: where everything goes.
  public init(_ facts: any FactSink, clock: any NodeClock) {
    self.facts = facts
    self.clock = clock
  }

  /// Queues a fact, or counts it; never blocks.
  public func record(_ kind: String, _ fields: [String: JSON], at: BootTime?) {
    guard RefusalSums.kinds.contains(kind) else {
      if RefusalSums.fresh.contains(kind) { flush() }
      return facts.record(kind, fields, at: at)
    }
    let now = at ?? clock.bootTime()
    write(sums.withLock { $0.refused(kind, fields, at: now) })
  }

  /// Passed on.
  public func commit(_ kind: String, _ fields: [String: JSON], at: BootTime?) async throws -> Fact {
    if RefusalSums.fresh.contains(kind) { flush() }
    return try await facts.commit(kind, fields, at: at)
  }

  /// Once a second: writes the sums of minutes that are over.
  public func tick() {
    let now = clock.bootTime()
    write(sums.withLock { $0.ended(at: now) })
  }

  /// Writes all sums as they stand: before a call, and when the node ends.
  public func flush() { write(sums.withLock { $0.drain() }) }

  private func write(_ due: [RefusalSums.Due]) { for one in due { facts.record(one.kind, one.fields, at: one.at) } }
}
