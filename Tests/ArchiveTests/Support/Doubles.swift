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

/// The kernel's disk, until it is told to refuse.
final class RefusingDisk: ArchiveDisk {
  enum Call: Sendable, Hashable { case create, write, sync, rename }

  private let kernel = KernelArchiveDisk()
  private let refused = Mutex<(calls: Set<Call>, code: FaultCode)>(([], .diskFull))
  let free = Mutex<Int?>(500)

  func refuse(_ calls: Set<Call>, _ code: FaultCode = .diskFull) { refused.withLock { $0 = (calls, code) } }

  private func check(_ call: Call) throws(Fault) {
    let (isRefused, code) = refused.withLock { ($0.calls.contains(call), $0.code) }
    if isRefused { throw Fault(code, "\(call)") }
  }

  func create(_ path: String) throws(Fault) -> Int32 {
    try check(.create)
    return try kernel.create(path)
  }

  /// Writes half of it before it refuses, as a full disk does.
  func write(_ file: Int32, _ bytes: UnsafeRawBufferPointer, _ path: String) throws(Fault) {
    do throws(Fault) { try check(.write) } catch {
      try kernel.write(file, UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count / 2)]), path)
      throw error
    }
    try kernel.write(file, bytes, path)
  }

  func sync(_ file: Int32, _ path: String) throws(Fault) {
    try check(.sync)
    try kernel.sync(file, path)
  }

  func truncate(_ file: Int32, to size: Int64, _ path: String) throws(Fault) { try kernel.truncate(file, to: size, path) }

  func rename(_ from: String, to: String) throws(Fault) {
    try check(.rename)
    try kernel.rename(from, to: to)
  }

  func syncFolder(_ path: String) throws(Fault) { try kernel.syncFolder(path) }
  func freePermille(_ path: String) -> Int? { free.withLock { $0 } }
}
