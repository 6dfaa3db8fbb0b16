internal import Dispatch

#if canImport(Glibc)
  internal import Glibc
#endif

/// Ends this process in good order when the one that started it is gone: the demo's children must not outlive it. The kernel's own death signal
/// would not do: it fires when the starting thread ends.
enum ParentWatch {
  /// Watches when the demo asked for it by the environment.
  static func begin() {
    guard getenv("FIRSTFRAME_EXIT_WITH_PARENT") != nil else { return }
    let parent = getppid()
    let timer = DispatchSource.makeTimerSource(queue: .global())
    timer.schedule(deadline: .now() + 1, repeating: 1)
    timer.setEventHandler {
      if getppid() == parent { return }
      kill(getpid(), SIGTERM)
      timer.cancel()
    }
    timer.resume()
  }
}
