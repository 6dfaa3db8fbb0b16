internal import CLinux
internal import Glibc

/// A thread of our own, for work that blocks (architecture.md §3).
enum BlockingThread {
  private final class Body {
    let name: String
    let run: @Sendable () -> Void
    init(_ name: String, _ run: @escaping @Sendable () -> Void) {
      self.name = name
      self.run = run
    }
  }

  /// Starts a detached thread; false when the system has none left.
  @discardableResult
  static func start(_ name: String, _ run: @escaping @Sendable () -> Void) -> Bool {
    var thread = pthread_t()
    let body = Unmanaged.passRetained(Body(name, run))
    let status = pthread_create(&thread, nil, enter, body.toOpaque())
    if status != 0 { body.release() } else { pthread_detach(thread) }
    return status == 0
  }

  private static let enter: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
    guard let argument else { return nil }
    let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
    ff_name_thread(body.name)
    body.run()
    return nil
  }
}
