import Synchronization

@testable import Workers

/// Gathers a pool's events and lets a test wait for one.
final class Events: Sendable {
  private struct State {
    var seen: [WorkerEvent] = []
    var waiting: [(matches: @Sendable ([WorkerEvent]) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
  }
  private let state = Mutex(State())

  func add(_ event: WorkerEvent) {
    let ready = state.withLock { state -> [CheckedContinuation<Void, Never>] in
      state.seen.append(event)
      let seen = state.seen
      let ready = state.waiting.filter { $0.matches(seen) }.map(\.continuation)
      state.waiting.removeAll { $0.matches(seen) }
      return ready
    }
    for continuation in ready { continuation.resume() }
  }

  var all: [WorkerEvent] { state.withLock { $0.seen } }

  func wait(until matches: @escaping @Sendable ([WorkerEvent]) -> Bool) async {
    await withCheckedContinuation { continuation in
      let now = state.withLock { state in
        if matches(state.seen) { return true }
        state.waiting.append((matches, continuation))
        return false
      }
      if now { continuation.resume() }
    }
  }

  static func started(_ events: [WorkerEvent]) -> [Int32] {
    events.compactMap { if case .started(let pid) = $0 { pid } else { nil } }
  }

  static func died(_ events: [WorkerEvent]) -> [Int32] {
    events.compactMap { if case .died(let pid, _) = $0 { pid } else { nil } }
  }
}
