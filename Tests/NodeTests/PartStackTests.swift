import Logging
import Model
import Testing

@testable import firstframe

@Suite("Parts of a node start in order and stop in reverse")
struct PartStackTests {
  private let log = PartLog()
  private let ending = NodeEnding()
  private let logger = Logger(label: "parts") { _ in SwiftLogNoOpLogHandler() }

  private func stack() -> PartStack { PartStack(ending: ending, logger: logger) }
  private func part(_ name: String) -> LoggedPart { LoggedPart(name: name, log: log) }

  /// A node of parts a, b and c.
  private func node(_ change: (inout LoggedPart) -> Void = { _ in }) async throws -> RelayNode {
    var stack = stack()
    for name in ["a", "b", "c"] {
      var part = part(name)
      change(&part)
      _ = try await stack.start(part)
    }
    return RelayNode(ports: NodePorts(rtsp: 1, rtmp: 2, http: 3, control: 4), parts: stack.started, logger: logger)
  }

  private static let undone = ["stop c", "stopped c", "stop b", "stopped b", "stop a", "stopped a"]

  /// Without the lines of parts that began to run, which may come in any order.
  private var order: [String] { log.all.filter { !$0.hasPrefix("run") && !$0.hasPrefix("start") } }

  @Test("a part's product is there when the next part is made")
  func products() async throws {
    var stack = stack()
    let first = try await stack.start(part("a"))
    let second = try await stack.start(part(first + "b"))
    #expect(second == "ab")
    #expect(stack.started.map(\.name) == ["a", "ab"])
  }

  @Test("undoing stops each part once, the newest first, each after the one before has stopped")
  func undo() async throws {
    var stack = stack()
    for name in ["a", "b", "c"] { _ = try await stack.start(part(name)) }
    await stack.undo()
    #expect(log.all == ["start a", "start b", "start c"] + PartStackTests.undone)
    await stack.undo()
    #expect(log.all.count == 9)
    #expect(stack.started.isEmpty)
  }

  @Test("when a part cannot start, those before it are stopped, itself and those after it never were", arguments: 0..<4)
  func failure(position: Int) async throws {
    let names = ["a", "b", "c", "d"]
    var stack = stack()
    await #expect(throws: Fault(.portInUse, "b")) {
      do {
        for (index, name) in names.enumerated() {
          var part = part(name)
          part.startFault = index == position ? Fault(.portInUse, "b") : nil
          _ = try await stack.start(part)
        }
      } catch {
        await stack.undo()
        throw error
      }
    }
    #expect(
      log.all
        == names[...position].map { "start \($0)" } + names[..<position].reversed().flatMap { ["stop \($0)", "stopped \($0)"] })
  }

  @Test("a node whose task is cancelled stops its parts in order and ends without an error")
  func cancelled() async throws {
    let node = try await node()
    let (ready, isReady) = AsyncStream<Void>.makeStream()
    let running = Task { try await node.run(endingAt: []) { isReady.yield() } }
    for await _ in ready { break }
    #expect(order.isEmpty)
    running.cancel()
    try await running.value
    #expect(order == PartStackTests.undone)
    #expect(ending.reason == "signal")
  }

  @Test("a part that fails while it runs ends the node: it is stopped itself, then the others in order; its error comes out")
  func fails() async throws {
    let (ends, end) = AsyncStream<Fault?>.makeStream()
    let node = try await node { if $0.name == "c" { $0.ends = ends } }
    let error = await #expect(throws: Fault.self) {
      try await node.run(endingAt: []) { end.yield(Fault(.diskFull, "c")) }
    }
    #expect(error == Fault(.diskFull, "c"))
    #expect(order == PartStackTests.undone)
    #expect(ending.reason == "diskFull")
  }

  @Test("a part that ends without an error ends the node in good order")
  func endsByItself() async throws {
    let (ends, end) = AsyncStream<Fault?>.makeStream()
    let node = try await node { if $0.name == "c" { $0.ends = ends } }
    try await node.run(endingAt: []) { end.yield(nil) }
    #expect(order == PartStackTests.undone)
  }

  @Test("of several failures the first is the reason")
  func reason() {
    #expect(ending.reason == "signal")
    ending.failed(Fault(.portInUse, ""))
    ending.failed(Fault(.diskFull, ""))
    #expect(ending.reason == "portInUse")
    let other = NodeEnding()
    other.failed(CancellationError())
    #expect(other.reason == "failed")
  }
}
