public import Dispatch
public import Model
internal import NIOConcurrencyHelpers
public import NIOCore

/// The loops that media lives on: one thread each. A stream, its publisher and its readers on one loop pay no hand-over.
public final class MediaLoops: EventLoopGroup, Sendable {
  public let loops: [MediaLoop]
  private let turn = NIOLockedValueBox(0)

  /// Throws ``FaultCode/transportUnsupported`` when the kernel has no descriptor or thread left.
  public init(count: Int) throws(Fault) {
    var made: [MediaLoop] = []
    for _ in 0..<max(1, count) { made.append(try MediaLoop()) }
    loops = made
  }

  public func next() -> any EventLoop { nextLoop() }

  /// The loop whose turn it is.
  public func nextLoop() -> MediaLoop {
    turn.withLockedValue { turn in
      turn = (turn + 1) % loops.count
      return loops[turn]
    }
  }

  public func makeIterator() -> EventLoopIterator { EventLoopIterator(loops) }

  public func shutdownGracefully(queue: DispatchQueue, _ callback: @Sendable @escaping ((any Error)?) -> Void) {
    let group = DispatchGroup()
    for loop in loops {
      group.enter()
      loop.stop { group.leave() }
    }
    group.notify(queue: queue) { callback(nil) }
  }
}
