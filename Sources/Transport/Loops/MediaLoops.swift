public import Dispatch
public import Logging
public import Model
internal import NIOConcurrencyHelpers
public import NIOCore

/// The loops that media lives on: one thread each. A stream, its publisher and its readers on one loop pay no hand-over.
public final class MediaLoops: EventLoopGroup, Sendable {
  /// Where loops log when they are given no logger.
  public static let usualLogger = Logger(label: "firstframe.transport")

  /// At least one.
  public let loops: [MediaLoop]
  /// Index of the loop that was handed out last.
  private let turn = NIOLockedValueBox(0)

  /// - Parameters:
  ///   - count: of threads; at least one is made.
  ///   - clock: what datagrams' arrivals are told in; tests bring their own.
  ///   - logger: for steps of the wall clock.
  /// - Throws: ``FaultCode/transportUnsupported`` when the kernel has no descriptor or thread left.
  public init(count: Int, clock: any NodeClock = SystemClock(), logger: Logger = MediaLoops.usualLogger) throws(Fault) {
    var made: [MediaLoop] = []
    for _ in 0..<max(1, count) { made.append(try MediaLoop(clock: clock, logger: logger)) }
    loops = made
  }

  /// The loop whose turn it is.
  public func next() -> any EventLoop { nextLoop() }

  /// The loop whose turn it is.
  public func nextLoop() -> MediaLoop {
    turn.withLockedValue { turn in
      turn = (turn + 1) % loops.count
      return loops[turn]
    }
  }

  /// Every loop.
  public func makeIterator() -> EventLoopIterator { EventLoopIterator(loops) }

  /// Stops every loop; `callback` is given no error.
  public func shutdownGracefully(queue: DispatchQueue, _ callback: @Sendable @escaping ((any Error)?) -> Void) {
    let group = DispatchGroup()
    for loop in loops {
      group.enter()
      loop.stop { group.leave() }
    }
    group.notify(queue: queue) { callback(nil) }
  }
}
