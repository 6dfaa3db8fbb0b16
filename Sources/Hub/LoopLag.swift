public import Model
public import NIOCore

/// How late a loop comes to what is due on it. Media over TCP, of which no kernel tells when it came, lies unread as long.
///
/// A call is due every 50 ms. One that comes later than the next was due stands for all that were due meanwhile, so that the readings are of instants spread
/// evenly over time: a loop that stood for 400 ms was late for the eight of them, not for one.
///
/// `@unchecked Sendable`: all but ``begin(on:)`` is called on the loop.
public final class LoopLag: @unchecked Sendable {
  static let interval = TimeAmount.milliseconds(50)
  /// Readings that are kept: 12.8 s.
  static let capacity = 256

  private var kept = [Nanoseconds](repeating: .zero, count: capacity)
  /// Readings since the beginning.
  public private(set) var end = 0

  public init() {}

  /// Reads until this goes, or the loop.
  public func begin(on loop: any EventLoop) {
    LoopLag.schedule(.now() + LoopLag.interval, on: loop) { [weak self] in self }
  }

  /// Readings from an absolute position on, oldest first, as far as they are kept.
  public func readings(from position: Int, _ body: (Nanoseconds) -> Void) {
    for index in max(position, end - LoopLag.capacity, 0)..<max(position, end) { body(kept[index % LoopLag.capacity]) }
  }

  /// A call came so late.
  func called(late: Nanoseconds) {
    var rest = max(.zero, late)
    repeat {
      kept[end % LoopLag.capacity] = rest
      end &+= 1
      rest = rest - Nanoseconds(LoopLag.interval.nanoseconds)
    } while rest >= .zero
  }

  private static func schedule(_ due: NIODeadline, on loop: any EventLoop, _ find: @escaping @Sendable () -> LoopLag?) {
    loop.scheduleTask(deadline: due) {
      guard let lag = find() else { return }
      let late = NIODeadline.now() - due
      lag.called(late: Nanoseconds(late.nanoseconds))
      let passed = max(0, late.nanoseconds) / interval.nanoseconds
      schedule(due + interval + .nanoseconds(passed * interval.nanoseconds), on: loop, find)
    }
  }
}
