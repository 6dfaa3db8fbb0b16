internal import Dispatch

#if canImport(Glibc)
  internal import Glibc
#endif

/// Waits for SIGINT or SIGTERM.
enum Interruption {
  /// Returns when one came, or when the task is cancelled.
  static func wait() async {
    signal(SIGINT, SIG_IGN)
    signal(SIGTERM, SIG_IGN)
    let (interruptions, arrived) = AsyncStream<Void>.makeStream()
    let sources = [SIGINT, SIGTERM].map { DispatchSource.makeSignalSource(signal: $0, queue: .global()) }
    for source in sources {
      source.setEventHandler { arrived.yield() }
      source.resume()
    }
    for await _ in interruptions { break }
    for source in sources { source.cancel() }
  }
}
