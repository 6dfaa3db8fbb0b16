/// What a ``Projection``'s thread is to do and who waits for it. Pure: clock and thread are the caller's.
struct ProjectionState {
  enum Step: Equatable {
    /// Insert the journal's facts up to this sequence, after erasing the index where that is asked for.
    case catchUp(through: Int64, erase: Bool)
    case stop
  }

  struct Waiter {
    var sequence: Int64
    var reply: CheckedContinuation<Bool, Never>
  }

  /// Newest fsynced sequence of the journal.
  private(set) var target: Int64 = 0
  /// Nothing counts as applied before the first round has seen that the index was made from this journal.
  private(set) var applied: Int64 = 0
  private var mustErase = false
  private var retryAt: Int64?
  private(set) var isClosing = false
  private(set) var isClosed = false
  private var waiters: [Waiter] = []
  private var closeReplies: [CheckedContinuation<Void, Never>] = []

  /// The journal has grown.
  mutating func follow(_ newest: Int64) { target = max(target, newest) }

  mutating func rebuild() {
    mustErase = true
    applied = 0
  }

  // MARK: Waiting

  /// Whether a sequence is in; nil when the reply comes later.
  mutating func wait(for sequence: Int64, _ reply: CheckedContinuation<Bool, Never>) -> Bool? {
    if applied >= sequence, !mustErase { return true }
    if isClosing { return false }
    waiters.append(Waiter(sequence: sequence, reply: reply))
    return nil
  }

  /// Whether it is closed already; else the reply comes later.
  mutating func close(_ reply: CheckedContinuation<Void, Never>?) -> Bool {
    isClosing = true
    if !isClosed, let reply { closeReplies.append(reply) }
    return isClosed
  }

  // MARK: The thread

  /// - Parameter now: CLOCK_MONOTONIC, nanoseconds.
  mutating func decide(now: Int64) -> MonitorDecision<Step> {
    let hasWork = target > applied || mustErase
    if isClosing, !hasWork { return .done(.stop) }
    guard hasWork else { return .until(nil) }
    if let retryAt, now < retryAt, !isClosing { return .until(retryAt) }
    retryAt = nil
    defer { mustErase = false }
    return .done(.catchUp(through: target, erase: mustErase))
  }

  /// A round went well; gives those who waited for it. Nothing counts while another rebuild has been asked for.
  mutating func finished(applied newest: Int64) -> [Waiter] {
    guard !mustErase else { return [] }
    applied = newest
    defer { waiters.removeAll { $0.sequence <= newest } }
    return waiters.filter { $0.sequence <= newest }
  }

  /// A round was refused: the same again in a second, or never when the projection is closing, for the index can be made again.
  mutating func failed(erase: Bool, now: Int64) {
    retryAt = now &+ 1_000_000_000
    if erase { mustErase = true }
    if isClosing {
      target = applied
      mustErase = false
    }
  }

  /// The thread has ended; gives everyone who still waits.
  mutating func end() -> (waiters: [Waiter], closeReplies: [CheckedContinuation<Void, Never>]) {
    isClosed = true
    defer { (waiters, closeReplies) = ([], []) }
    return (waiters, closeReplies)
  }
}
