internal import Dispatch
internal import Model
internal import Synchronization

/// Waits for a task on a thread of the archive's own: never on the cooperative pool, never on an event loop.
enum Blocking {
  private final class Box<T: Sendable>: Sendable { let result = Mutex<Result<T, Fault>?>(nil) }

  static func wait<T: Sendable>(_ body: @escaping @Sendable () async throws(Fault) -> T) throws(Fault) -> T {
    let box = Box<T>()
    let done = DispatchSemaphore(value: 0)
    Task {
      let result: Result<T, Fault>
      do throws(Fault) { result = .success(try await body()) } catch { result = .failure(error) }
      box.result.withLock { $0 = result }
      done.signal()
    }
    done.wait()
    guard let result = box.result.withLock({ $0 }) else { throw Fault(.pipelineFailed, "no result") }
    return try result.get()
  }
}
