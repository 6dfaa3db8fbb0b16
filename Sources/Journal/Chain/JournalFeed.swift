internal import Model
internal import Synchronization

/// Facts on their way out, after their fsync: the recent ones in memory, the subscribers, and those who only want to know that there is more.
final class JournalFeed: Sendable {
  private struct State {
    var recent: [Fact] = []
    var subscribers: [Int: AsyncStream<Fact>.Continuation] = [:]
    var observers: [Int: @Sendable (Int64) -> Void] = [:]
    var nextID = 0
    var last: (sequence: Int64, hash: String)
    var trouble: Fault?
  }

  private let state: Mutex<State>
  private let limit: Int

  init(recent: [Fact], limit: Int, last: (sequence: Int64, hash: String)) {
    self.limit = limit
    state = Mutex(State(recent: recent.suffix(limit), last: last))
  }

  var last: (sequence: Int64, hash: String) { state.withLock { $0.last } }

  /// Why the writer's disk refuses; nil while it does not.
  var trouble: Fault? { state.withLock { $0.trouble } }
  func note(_ trouble: Fault?) { state.withLock { $0.trouble = trouble } }

  func publish(_ facts: [Fact]) {
    guard let newest = facts.last else { return }
    let (subscribers, observers) = state.withLock { state in
      state.recent.append(contentsOf: facts.suffix(limit))
      // Trimmed in one go when half as many again, so that a fact costs no shift of the whole.
      if state.recent.count > limit + limit / 2 { state.recent.removeFirst(state.recent.count - limit) }
      state.last = (newest.sequence, newest.hash)
      return (Array(state.subscribers.values), Array(state.observers.values))
    }
    for subscriber in subscribers { for fact in facts { subscriber.yield(fact) } }
    for observer in observers { observer(newest.sequence) }
  }

  func recent(_ count: Int) -> [Fact] { state.withLock { Array($0.recent.suffix(max(0, min(count, limit)))) } }

  func subscribe(after sequence: Int64?, buffer: Int) -> AsyncStream<Fact> {
    let (stream, continuation) = AsyncStream.makeStream(of: Fact.self, bufferingPolicy: .bufferingNewest(max(1, buffer)))
    let id = state.withLock { state in
      if let sequence { for fact in state.recent where fact.sequence > sequence { continuation.yield(fact) } }
      state.nextID += 1
      state.subscribers[state.nextID] = continuation
      return state.nextID
    }
    continuation.onTermination = { [weak self] _ in self?.unsubscribe(id) }
    return stream
  }

  func observe(_ observer: @escaping @Sendable (Int64) -> Void) -> Int {
    state.withLock { state in
      state.nextID += 1
      state.observers[state.nextID] = observer
      return state.nextID
    }
  }

  func unobserve(_ id: Int) { state.withLock { _ = $0.observers.removeValue(forKey: id) } }

  func finish() {
    let subscribers = state.withLock { state in
      defer { state.subscribers = [:] }
      state.observers = [:]
      return Array(state.subscribers.values)
    }
    for subscriber in subscribers { subscriber.finish() }
  }

  private func unsubscribe(_ id: Int) { state.withLock { _ = $0.subscribers.removeValue(forKey: id) } }
}
