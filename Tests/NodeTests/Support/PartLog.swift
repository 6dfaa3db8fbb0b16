import Model
import Synchronization

@testable import firstframe

/// What happened to parts, in order.
final class PartLog: Sendable {
  private let events = Mutex<[String]>([])

  var all: [String] { events.withLock { $0 } }

  func add(_ event: String) { events.withLock { $0.append(event) } }
}

/// A part that only says what happens to it.
struct LoggedPart: NodePart {
  let name: String
  let log: PartLog
  /// Thrown by `start`.
  var startFault: Fault?
  /// When it yields, the part ends by itself: with a fault, or without.
  var ends: AsyncStream<Fault?>?

  func start() async throws -> String {
    log.add("start \(name)")
    if let startFault { throw startFault }
    return name
  }

  func stop(_ product: String) async {
    log.add("stop \(product)")
    // Others get their turn: a stop that did not wait for this one would be seen in between.
    for _ in 0..<20 { await Task.yield() }
    log.add("stopped \(product)")
  }

  func awaitEnd(_ product: String) async throws {
    log.add("run \(product)")
    guard let ends else { return try await Task.sleep(for: .seconds(3600)) }
    for await fault in ends {
      if let fault { throw fault }
      return
    }
    try Task.checkCancellation()
  }
}
