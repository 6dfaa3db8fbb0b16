public import Logging
public import Model

/// The journal's facts where they can be asked for: by kind, stream, incident and number (`DATA/index.sqlite`).
///
/// A thread of its own follows the journal and applies what is fsynced. The file holds nothing that the journal does not: it may be deleted, and one that
/// is broken, of another version or made from another journal is made again by itself.
public final class Projection: Sendable {
  private struct State {
    /// Newest fsynced number of the journal.
    var target: Int64
    var applied: Int64
    var mustErase = false
    var retryAt: Int64?
    var isClosing = false
    var isClosed = false
    var waiters: [(sequence: Int64, reply: CheckedContinuation<Bool, Never>)] = []
    var closeReplies: [CheckedContinuation<Void, Never>] = []
  }

  private enum Step {
    case apply(through: Int64, erase: Bool)
    case stop
  }

  private let store: ProjectionStore
  private let state: Monitor<State>
  private let stopObserving: @Sendable () -> Void

  /// Opens the file and begins to follow `journal`; ``caughtUp(to:)`` waits for a fact to be in. Blocks while the file is checked.
  public init(following journal: Journal, logger: Logger = Logger(label: "firstframe.projection")) throws(Fault) {
    let store = try ProjectionStore(dataFolder: journal.dataFolder)
    // Nothing counts as applied before the first round has seen that the index was made from this journal.
    let state = Monitor(State(target: 0, applied: 0))
    let id = journal.observe { newest in
      state.withLock { $0.target = max($0.target, newest) }
      state.signal()
    }
    stopObserving = { [weak journal] in journal?.unobserve(id) }
    self.store = store
    self.state = state
    // What was there before the observer.
    let newest = journal.last.sequence
    state.withLock { $0.target = max($0.target, newest) }
    guard OwnThread.start("projection", { Projection.run(store, state, logger) }) else {
      throw Fault(.diskFailed, "no thread for the projection")
    }
  }

  deinit {
    stopObserving()
    state.withLock { $0.isClosing = true }
    state.signal()
  }

  /// Makes the index of a data folder that no node is running on, from its journal alone; gives the number of the newest fact. Blocks.
  @discardableResult
  public static func rebuild(dataFolder: String) throws(Fault) -> Int64 {
    let store = try ProjectionStore(dataFolder: dataFolder)
    try store.erase()
    return try store.apply(through: .max)
  }

  /// All that an index holds, as text: to compare two. Blocks.
  public static func dump(dataFolder: String) throws(Fault) -> String { try ProjectionStore(dataFolder: dataFolder).dump() }

  /// Number of the newest fact that can be asked for.
  public var lastApplied: Int64 { state.withLock { $0.applied } }

  /// Returns when the fact of that number can be asked for; false when the projection was closed before.
  public func caughtUp(to sequence: Int64) async -> Bool {
    await withCheckedContinuation { continuation in
      let answer: Bool? = state.withLock { state in
        if state.applied >= sequence, !state.mustErase { return true }
        if state.isClosing { return false }
        state.waiters.append((sequence, continuation))
        return nil
      }
      if let answer { continuation.resume(returning: answer) }
    }
  }

  /// The facts that a query names, by number. Runs on the database's own threads.
  public func facts(_ query: FactQuery) async throws(Fault) -> [Fact] { try await store.facts(query) }

  /// Throws everything away and makes it again from the journal; ``caughtUp(to:)`` waits for it.
  public func rebuild() {
    state.withLock { state in
      state.mustErase = true
      state.applied = 0
    }
    state.signal()
  }

  /// Ends the thread after what is fsynced by now has been applied.
  public func close() async {
    stopObserving()
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        state.isClosing = true
        if !state.isClosed { state.closeReplies.append(continuation) }
        return state.isClosed
      }
      state.signal()
      if isOver { continuation.resume() }
    }
  }

  // MARK: the thread

  private static func run(_ store: ProjectionStore, _ state: Monitor<State>, _ logger: Logger) {
    while case .apply(let target, let erase) = state.wait({ next(&$0) }) {
      do throws(Fault) {
        if erase { try store.erase() }
        let reached = try store.apply(through: target)
        // Lines that a damaged journal lacks will not come: what was asked for counts as applied.
        finish(state, applied: max(reached, target))
      } catch {
        logger.error("\(error)")
        state.withLock { state in
          state.retryAt = monotonicNow() &+ 1_000_000_000
          if erase { state.mustErase = true }
          // The index can be made again; a node that stops does not wait for its disk.
          if state.isClosing { state.target = state.applied }
        }
      }
    }
    let (waiters, replies) = state.withLock { state in
      state.isClosed = true
      defer { (state.waiters, state.closeReplies) = ([], []) }
      return (state.waiters, state.closeReplies)
    }
    for waiter in waiters { waiter.reply.resume(returning: false) }
    for reply in replies { reply.resume() }
  }

  private static func next(_ state: inout State) -> MonitorDecision<Step> {
    let hasWork = state.target > state.applied || state.mustErase
    if state.isClosing, !hasWork { return .done(.stop) }
    guard hasWork else { return .until(nil) }
    if let retryAt = state.retryAt, monotonicNow() < retryAt, !state.isClosing { return .until(retryAt) }
    state.retryAt = nil
    defer { state.mustErase = false }
    return .done(.apply(through: state.target, erase: state.mustErase))
  }

  private static func finish(_ state: Monitor<State>, applied: Int64) {
    let ready = state.withLock { state in
      guard !state.mustErase else { return [] as [(sequence: Int64, reply: CheckedContinuation<Bool, Never>)] }
      state.applied = applied
      defer { state.waiters.removeAll { $0.sequence <= applied } }
      return state.waiters.filter { $0.sequence <= applied }
    }
    for waiter in ready { waiter.reply.resume(returning: true) }
  }
}
