import Hub
import Model
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Transport

/// A reader inside the house that keeps every unit and can be awaited.
final class UnitCollector: StreamReader {
  private struct State {
    var units: [AccessUnit] = []
    var descriptions: [StreamDescription] = []
    var interruptions = 0
    var waiters: [(count: Int, promise: EventLoopPromise<Void>)] = []
  }

  let loop: any EventLoop
  private let state = NIOLockedValueBox(State())

  init(loop: any EventLoop) { self.loop = loop }

  static func on(_ name: StreamName, of gateway: TestGateway) async throws -> UnitCollector {
    let collector = UnitCollector(loop: gateway.media.next())
    _ = try await gateway.hub.subscribe(collector, to: name, form: .units).get()
    return collector
  }

  var units: [AccessUnit] { state.withLockedValue { $0.units } }
  var descriptions: [StreamDescription] { state.withLockedValue { $0.descriptions } }
  var interruptions: Int { state.withLockedValue { $0.interruptions } }

  /// Completes when so many units have come.
  func atLeast(_ count: Int) async throws {
    let promise = loop.makePromise(of: Void.self)
    let ready = state.withLockedValue { state in
      if state.units.count >= count { return true }
      state.waiters.append((count, promise))
      return false
    }
    if ready { promise.succeed() }
    let timeout = loop.scheduleTask(in: .seconds(30)) { promise.fail(Workshop.Trouble("\(count) units did not come")) }
    defer { timeout.cancel() }
    try await promise.futureResult.get()
  }

  func streamStarted(_ description: StreamDescription) { state.withLockedValue { $0.descriptions.append(description) } }
  func streamInterrupted(at: BootTime) { state.withLockedValue { $0.interruptions += 1 } }
  func streamEnded(_ reason: Fault) {}

  func receive(_ delivery: Delivery) {
    let due = state.withLockedValue { state in
      state.units += delivery.units
      let count = state.units.count
      let due = state.waiters.filter { $0.count <= count }
      state.waiters.removeAll { $0.count <= count }
      return due
    }
    for waiter in due { waiter.promise.succeed() }
  }
}
