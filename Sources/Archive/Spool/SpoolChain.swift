internal import Synchronization

/// The full files of one stream's spool, oldest first, until every unit in them is in a committed segment or given up.
final class SpoolChain: Sendable {
  private struct Link {
    var file: SpoolFile
    /// Position of its last unit.
    var last: UInt64
  }

  private struct State {
    var links: [Link] = []
    /// Units before this position went to a tap or were passed over for good.
    var planned: UInt64
    var committed: Int64 = 0
    var whenFinished: (@Sendable () -> Void)?
  }

  /// Names this use of the spool: positions of two runs have nothing in common.
  let run: UInt64
  private let state: Mutex<State>

  init(run: UInt64, planned: UInt64 = 0) {
    self.run = run
    state = Mutex(State(planned: planned))
  }

  var planned: UInt64 { state.withLock { $0.planned } }
  func plan(upTo position: UInt64) { state.withLock { $0.planned = max($0.planned, position) } }

  /// Units of this run that are in acknowledged segments.
  var committed: Int64 { state.withLock { $0.committed } }
  func noteCommitted(_ units: Int64) { state.withLock { $0.committed += units } }

  /// Called once, on the disk's thread, when nothing of this run is outstanding any more.
  func whenFinished(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.whenFinished = body } }

  func finished() {
    let body = state.withLock { state in
      defer { state.whenFinished = nil }
      return state.whenFinished
    }
    body?()
  }

  func seal(_ file: SpoolFile, last: UInt64) { state.withLock { $0.links.append(Link(file: file, last: last)) } }

  /// Takes out the files whose units all lie before `position`.
  func release(before position: UInt64) -> [SpoolFile] {
    state.withLock { state in
      let count = state.links.prefix { $0.last < position || position == .max }.count
      guard count > 0 else { return [] }
      defer { state.links.removeFirst(count) }
      return state.links.prefix(count).map(\.file)
    }
  }
}
