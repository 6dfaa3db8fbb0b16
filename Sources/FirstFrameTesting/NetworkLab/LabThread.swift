internal import Model

/// A thread of one body's own: it may block, and move into a namespace and leave others where they are.
enum LabThread {
  /// Starts a detached thread.
  static func start(_ body: @escaping @Sendable () -> Void) throws(LabTrouble) {
    guard OwnThread.start("lab", body) else { throw LabTrouble("no thread") }
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
