import Model
import Synchronization

/// A clock that stands until a test moves it.
final class StillClock: NodeClock {
  private let now = Mutex<Int64>(1_000_000_000_000)
  let bootID = "boot"

  func bootTime() -> BootTime { BootTime(nanoseconds: now.withLock { $0 }) }
  func wallTime() -> WallTime { WallTime(nanoseconds: now.withLock { $0 }) }
  func advance(by time: Nanoseconds) { now.withLock { $0 += time.value } }
}

/// Keeps what is recorded.
final class RecordedFacts: FactSink {
  private let recorded = Mutex<[(kind: String, fields: [String: JSON])]>([])

  var all: [(kind: String, fields: [String: JSON])] { recorded.withLock { $0 } }

  func record(_ kind: String, _ fields: [String: JSON], at: BootTime?) { recorded.withLock { $0.append((kind, fields)) } }
  func commit(_ kind: String, _ fields: [String: JSON], at: BootTime?) async throws -> Fact { throw Fault(.journalClosed, kind) }
}
