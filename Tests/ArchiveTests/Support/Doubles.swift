import Hub
import Measure
import Model
import Synchronization

@testable import Archive

/// A clock that stands until it is moved.
final class ManualClock: NodeClock {
  let bootID: String
  private let time = Mutex<(boot: Int64, wall: Int64)>((1_000_000_000_000, 1_700_000_000_000_000_000))

  init(boot: String = "boot-1") { bootID = boot }

  func bootTime() -> BootTime { time.withLock { BootTime(nanoseconds: $0.boot) } }
  func wallTime() -> WallTime { time.withLock { WallTime(nanoseconds: $0.wall) } }

  func move(to boot: BootTime) {
    time.withLock { time in
      guard boot.nanoseconds > time.boot else { return }
      time.wall += boot.nanoseconds - time.boot
      time.boot = boot.nanoseconds
    }
  }
}

/// Keeps facts in an array.
final class FactProbe: FactSink {
  struct Entry: Sendable {
    var kind: String
    var fields: [String: JSON]
    var at: BootTime?
  }

  private struct Waiter {
    var kind: String
    var count: Int
    var continuation: CheckedContinuation<Void, Never>
  }

  private let state = Mutex<(entries: [Entry], waiters: [Waiter])>(([], []))

  func record(_ kind: String, _ fields: [String: JSON], at: BootTime?) {
    let done = state.withLock { state in
      state.entries.append(Entry(kind: kind, fields: fields, at: at))
      let entries = state.entries
      let isDone = { (waiter: Waiter) in entries.count { $0.kind == waiter.kind } >= waiter.count }
      defer { state.waiters.removeAll(where: isDone) }
      return state.waiters.filter(isDone)
    }
    for waiter in done { waiter.continuation.resume() }
  }

  /// Returns once there are so many facts of that kind.
  func wait(_ kind: String, count: Int) async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        if state.entries.count(where: { $0.kind == kind }) >= count { return true }
        state.waiters.append(Waiter(kind: kind, count: count, continuation: continuation))
        return false
      }
      if isThere { continuation.resume() }
    }
  }

  func commit(_ kind: String, _ fields: [String: JSON], at: BootTime?) async throws -> Fact {
    record(kind, fields, at: at)
    return Fact(
      node: "test", boot: "boot", sequence: 1, bootTime: at ?? BootTime(nanoseconds: 0), wall: "", kind: kind, previous: "", hash: "",
      fields: fields)
  }

  func all(_ kind: String) -> [Entry] { state.withLock { $0.entries.filter { $0.kind == kind } } }
}

/// A publisher that needs nothing.
final class StubSource: PublicationSource {
  func close(_ reason: Fault) {}
  func requestKeyframe(track: UInt8) {}
  func tick(at now: BootTime) {}
  func inboundQuality(at now: BootTime) -> InboundQuality? { nil }
}
