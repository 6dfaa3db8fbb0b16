public import Logging
public import Model

/// Keeps a ``FactIndex`` up to date with a running journal.
///
/// A thread of its own follows the journal and inserts what is fsynced. An index that is broken, of another version or made from another journal is made
/// again by itself.
public final class Projection: Sendable {
  private let index: any FactIndex
  private let state = Monitor(ProjectionState())
  private let stopObserving: @Sendable () -> Void

  /// Opens `DATA/index.sqlite` and begins to follow `journal`; ``caughtUp(to:)`` waits for a fact to be in. Blocks while the file is checked.
  public convenience init(following journal: Journal, logger: Logger = Logger(label: "firstframe.projection")) throws(Fault) {
    try self.init(following: journal, into: try SQLiteFactIndex(dataFolder: journal.dataFolder), logger: logger)
  }

  /// Begins to follow `journal` into any index. Throws `.diskFailed` when no thread can be made.
  public init(following journal: Journal, into index: any FactIndex, logger: Logger = Logger(label: "firstframe.projection")) throws(Fault) {
    self.index = index
    let state = state
    let id = journal.observe { newest in
      state.withLock { $0.follow(newest) }
      state.signal()
    }
    stopObserving = { [weak journal] in journal?.unobserve(id) }
    // What was there before the observer.
    let newest = journal.last.sequence
    state.withLock { $0.follow(newest) }
    let follower = JournalFollower(dataFolder: journal.dataFolder, index: index)
    guard OwnThread.start("projection", { Projection.run(follower, state, logger) }) else {
      throw Fault(.diskFailed, "no thread for the projection")
    }
  }

  deinit {
    stopObserving()
    _ = state.withLock { $0.close(nil) }
    state.signal()
  }

  /// Makes the index of a data folder that no node is running on, from its journal alone; gives the sequence of the newest fact. Blocks.
  @discardableResult
  public static func rebuild(dataFolder: String) throws(Fault) -> Int64 {
    let index = try SQLiteFactIndex(dataFolder: dataFolder)
    try index.erase()
    return try JournalFollower(dataFolder: dataFolder, index: index).catchUp(through: .max)
  }

  /// All that `DATA/index.sqlite` holds, as text: to compare two. Blocks.
  public static func dump(dataFolder: String) throws(Fault) -> String { try SQLiteFactIndex(dataFolder: dataFolder).dump() }

  /// Sequence of the newest fact that can be asked for.
  public var lastApplied: Int64 { state.withLock { $0.applied } }

  /// Returns when the fact of that sequence can be asked for; false when the projection was closed before.
  public func caughtUp(to sequence: Int64) async -> Bool {
    await withCheckedContinuation { continuation in
      let answer = state.withLock { $0.wait(for: sequence, continuation) }
      if let answer { continuation.resume(returning: answer) }
    }
  }

  // MARK: Queries

  /// One page of the facts that a query names, in order of their sequence. Suspends, never blocks. Throws what the index throws.
  public func facts(_ query: FactQuery) async throws(Fault) -> [Fact] {
    do throws(Fault) { return try await index.facts(query) } catch { throw repair(error) }
  }

  /// Every fact of a range of sequences, oldest first. Those beyond ``lastApplied`` are not in yet: ``caughtUp(to:)`` waits for them.
  public func facts(sequences: ClosedRange<Int64>) async throws(Fault) -> [Fact] {
    do throws(Fault) { return try await index.facts(sequences: sequences) } catch { throw repair(error) }
  }

  /// Every fact that a query names, page by page; they must fit into memory.
  public func allFacts(_ query: FactQuery) async throws(Fault) -> [Fact] {
    do throws(Fault) { return try await index.allFacts(query) } catch { throw repair(error) }
  }

  /// How many facts a query names, whatever its limit.
  public func count(_ query: FactQuery) async throws(Fault) -> Int64 {
    do throws(Fault) { return try await index.count(query) } catch { throw repair(error) }
  }

  /// A reader that finds the index damaged has it made again; its own question stays unanswered.
  private func repair(_ fault: Fault) -> Fault {
    if fault.code == .archiveBroken { rebuild() }
    return fault
  }

  // MARK: Life

  /// Throws everything away and makes it again from the journal; ``caughtUp(to:)`` waits for it.
  public func rebuild() {
    state.withLock { $0.rebuild() }
    state.signal()
  }

  /// Ends the thread after what is fsynced by now has been inserted, and lets the index's file go: nothing can be asked any more.
  public func close() async {
    stopObserving()
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { $0.close(continuation) }
      state.signal()
      if isOver { continuation.resume() }
    }
  }

  // MARK: The thread

  private static func run(_ follower: JournalFollower, _ state: Monitor<ProjectionState>, _ logger: Logger) {
    while case .catchUp(let target, let erase) = state.wait({ $0.decide(now: monotonicNow()) }) {
      do throws(Fault) {
        if erase { try follower.index.erase() }
        let reached = try follower.catchUp(through: target)
        // Lines that a damaged journal lacks will not come: what was asked for counts as applied.
        let ready = state.withLock { $0.finished(applied: max(reached, target)) }
        for waiter in ready { waiter.reply.resume(returning: true) }
      } catch {
        logger.error("\(error)")
        state.withLock { $0.failed(erase: erase, now: monotonicNow()) }
      }
    }
    follower.index.close()
    let left = state.withLock { $0.end() }
    for waiter in left.waiters { waiter.reply.resume(returning: false) }
    for reply in left.closeReplies { reply.resume() }
  }
}
