import Foundation
import Synchronization
import Testing

/// Whether this machine had time for its programs, told by a thread of the test's own: only then may a node that says 观测受限 be believed.
final class Starvation: Sendable {
  private struct Seen {
    var late = 0
    var isOver = false
  }

  /// Outlives the watcher by a sleep of its thread.
  private final class Record: Sendable {
    let seen = Mutex(Seen())
  }

  private let record = Record()

  /// Watches until it goes: sleeps of 10 ms, late when they lasted 20 ms longer.
  init() {
    Thread.detachNewThread { [record] in
      var before = Centres.bootTime()
      while !record.seen.withLock({ $0.isOver }) {
        Thread.sleep(forTimeInterval: 0.01)
        let now = Centres.bootTime()
        if now - before > 30_000_000 { record.seen.withLock { $0.late += 1 } }
        before = now
      }
    }
  }

  deinit { record.seen.withLock { $0.isOver = true } }

  /// A warning with what could not be shown; an error when the machine had time all along.
  func excuses(_ what: String) {
    let late = record.seen.withLock { $0.late }
    Issue.record(
      "could not be judged: \(what); this test's own thread was late \(late) times", severity: late > 0 ? .warning : .error)
  }
}
