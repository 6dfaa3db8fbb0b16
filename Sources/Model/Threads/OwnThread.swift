internal import Glibc

/// A thread of one body's own, for what blocks or waits: never Swift's cooperative pool (architecture.md §3). It ends when the body returns.
public enum OwnThread {
  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Starts a detached thread. False when the kernel has none left; the body then never runs.
  /// - Parameter name: at most 15 bytes, as `top -H` shows it.
  public static func start(_ name: String, _ run: @escaping @Sendable () -> Void) -> Bool {
    var thread = pthread_t()
    let body = Unmanaged.passRetained(
      Body {
        setName(name)
        run()
      })
    let status = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      }, body.toOpaque())
    guard status == 0 else {
      body.release()
      return false
    }
    pthread_detach(thread)
    return true
  }

  /// Swift does not see pthread_setname_np; the kernel accepts the name here as well.
  private static func setName(_ name: String) {
    let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    defer { close(file) }
    _ = Array(name.utf8).withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
  }
}
