internal import Dispatch

#if canImport(Glibc)
  internal import Glibc
#endif

/// Waits for SIGINT or SIGTERM.
enum Interruption {
  static func wait() async {
    signal(SIGINT, SIG_IGN)
    signal(SIGTERM, SIG_IGN)
    let sources = [SIGINT, SIGTERM].map { DispatchSource.makeSignalSource(signal: $0, queue: .global()) }
    await withCheckedContinuation { continuation in
      let once = Once { continuation.resume() }
      for source in sources {
        source.setEventHandler { once.run() }
        source.resume()
      }
    }
    for source in sources { source.cancel() }
  }

  /// Runs a closure the first time only. `@unchecked Sendable`: `done` is touched under the lock.
  private final class Once: @unchecked Sendable {
    private let body: @Sendable () -> Void
    private let lock = DispatchQueue(label: "firstframe.interruption")
    private var done = false
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    func run() {
      lock.sync {
        if done { return }
        done = true
        body()
      }
    }
  }
}
