internal import Model
internal import Synchronization

/// Whether a device is on the air, by its turns.
final class AirTime: Sendable {
  private struct State {
    var hasBegun = false
    var failure: Fault?
  }

  private let state: Mutex<State>
  private let beginning: AsyncStream<Void>
  private let begins: AsyncStream<Void>.Continuation

  /// - Parameter isPulled: a camera that waits to be pulled needs nobody's leave.
  init(isPulled: Bool) {
    state = Mutex(State(hasBegun: isPulled, failure: isPulled ? nil : Fault(.pushFailed, "没有等到服务器接受 | interrupted before the server accepted")))
    (beginning, begins) = AsyncStream<Void>.makeStream()
    if isPulled { begins.finish() }
  }

  /// Whether a server has accepted it at any time.
  var hasBegun: Bool { state.withLock { $0.hasBegun } }

  /// Why it is not on the air now; nil while it is.
  var failure: Fault? { state.withLock { $0.failure } }

  /// Returns when it was on the air for the first time, or when the task is cancelled.
  func begun() async { for await _ in beginning {} }

  /// - Returns: of ``SimulatedDevice/Turn/onAir``, whether it is the first; of a loss, whether nothing was on the air before.
  @discardableResult
  func note(_ turn: SimulatedDevice.Turn) -> Bool {
    let isFirst = state.withLock { state in
      let isFirst = !state.hasBegun
      switch turn {
      case .onAir: (state.hasBegun, state.failure) = (true, nil)
      case .lost(let fault): state.failure = fault
      }
      return isFirst
    }
    if hasBegun { begins.finish() }
    return isFirst
  }
}
