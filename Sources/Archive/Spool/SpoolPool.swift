internal import Dispatch
internal import Logging
internal import Model
internal import Synchronization

/// Ready-made spool files: an event loop acquires one without a system call, a thread of the pool's own makes more.
final class SpoolPool: Sendable {
  private struct State {
    var spare: [SpoolFile] = []
    /// Files that are in use.
    var used = 0
    var serial: UInt64
    var refilling = false
    var closed = false
    var failing = false
  }

  let folder: String
  private let fileBytes: Int
  private let logger: Logger
  private let state: Mutex<State>
  private let queue = DispatchQueue(label: "archive.pool")

  /// - Parameter serial: files are numbered from here.
  init(folder: String, fileBytes: Int, serial: UInt64, logger: Logger) {
    self.folder = folder
    self.fileBytes = SpoolLayout.padded(max(64 << 10, fileBytes))
    self.logger = logger
    state = Mutex(State(serial: serial))
  }

  /// The number in a spool file's name; nil for any other file.
  static func serial(of name: String) -> UInt64? {
    guard name.hasSuffix(".spool"), name.utf8.count == 14 else { return nil }
    return UInt64(name.dropLast(6), radix: 16)
  }

  private static func name(_ serial: UInt64) -> String {
    let digits = String(serial & 0xFFFF_FFFF, radix: 16)
    return String(repeating: "0", count: max(0, 8 - digits.utf8.count)) + digits + ".spool"
  }

  /// Nil when none is ready: ask again with the next unit.
  func acquire() -> SpoolFile? {
    let (file, refill) = state.withLock { state in
      let file = state.spare.popLast()
      if file != nil { state.used += 1 }
      let wanted = !state.closed && !state.refilling && state.spare.count < SpoolPool.goal(state.used)
      if wanted { state.refilling = true }
      return (file, wanted)
    }
    if refill { queue.async { self.fill() } }
    return file
  }

  /// Begins to make spare files.
  func begin() {
    state.withLock { $0.refilling = true }
    queue.async { self.fill() }
  }

  /// Blocks until the spare files are there, or the disk refused.
  func prepare() {
    state.withLock { $0.refilling = true }
    queue.sync { fill() }
  }

  func release(_ files: [SpoolFile]) {
    guard !files.isEmpty else { return }
    for file in files { file.markFree() }
    queue.async { self.recycle(files) }
  }

  private func recycle(_ files: [SpoolFile]) {
    for file in files where file.capacity == fileBytes { file.prepare() }
    let surplus = state.withLock { state in
      state.used -= files.count
      for file in files where file.capacity == fileBytes { state.spare.append(file) }
      var surplus = files.filter { $0.capacity != fileBytes }
      // Streams that were admitted together give back together: what is in use now will be asked for again.
      let keep = state.closed ? 0 : SpoolPool.goal(state.used) + state.used
      while state.spare.count > keep, let last = state.spare.popLast() { surplus.append(last) }
      return surplus
    }
    for file in surplus { file.remove() }
  }

  /// Counts files that came from somewhere else (recovery), so that giving them back balances.
  func adopt(_ count: Int) { state.withLock { $0.used += count } }

  /// Removes the spare files, those that are being given back included.
  func close() async {
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      queue.async { [self] in
        let spare = state.withLock { state in
          defer { state.spare = [] }
          state.closed = true
          return state.spare
        }
        for file in spare { file.remove() }
        continuation.resume()
      }
    }
  }

  /// Blocks until what was given back so far is ready again.
  func settle() { queue.sync {} }

  private static func goal(_ used: Int) -> Int { 4 + used / 16 }

  private func fill() {
    while true {
      let next: UInt64? = state.withLock { state in
        guard !state.closed, state.spare.count < SpoolPool.goal(state.used) else {
          state.refilling = false
          return nil
        }
        state.serial &+= 1
        return state.serial
      }
      guard let next else { return }
      do throws(Fault) {
        let file = try SpoolFile(creating: folder + "/" + SpoolPool.name(next), bytes: fileBytes)
        state.withLock { state in
          state.spare.append(file)
          state.failing = false
        }
      } catch {
        let first = state.withLock { state in
          defer { state.failing = true }
          state.refilling = false
          return !state.failing
        }
        if first { logger.error("spool: \(error)") }
        return
      }
    }
  }
}
