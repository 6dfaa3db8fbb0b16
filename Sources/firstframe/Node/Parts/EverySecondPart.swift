internal import NIOCore

/// Does something once a second, on an event loop; it must not block.
struct EverySecondPart: NodePart {
  let name: String
  let loop: any EventLoop
  let body: @Sendable () -> Void

  init(_ name: String, on loop: any EventLoop, _ body: @escaping @Sendable () -> Void) {
    self.name = name
    self.loop = loop
    self.body = body
  }

  func start() async throws -> RepeatedTask {
    loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in body() }
  }

  /// Returns when `body` does not run any more.
  func stop(_ timer: RepeatedTask) async {
    let stopped = loop.makePromise(of: Void.self)
    timer.cancel(promise: stopped)
    try? await stopped.futureResult.get()
  }
}
