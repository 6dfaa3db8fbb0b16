internal import Glibc

/// A thread of one body's own: it may block, and move into a namespace without taking others along.
enum LabThread {
  private final class Body {
    let run: () -> Void
    init(_ run: @escaping () -> Void) { self.run = run }
  }

  /// Starts a detached thread.
  static func start(_ body: @escaping @Sendable () -> Void) throws(LabTrouble) {
    var thread = pthread_t()
    let held = Unmanaged.passRetained(Body(body))
    let answer = pthread_create(
      &thread, nil,
      { raw in
        if let raw { Unmanaged<Body>.fromOpaque(raw).takeRetainedValue().run() }
        return nil
      }, held.toOpaque())
    guard answer == 0 else {
      held.release()
      throw LabTrouble("no thread: \(String(cString: strerror(answer)))")
    }
    pthread_detach(thread)
  }

  /// Runs a body on a thread of its own and awaits its result.
  static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      do {
        try start { continuation.resume(with: Result { try body() }) }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }
}
