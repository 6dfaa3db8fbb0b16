public import Model
public import NIOCore

/// How late a loop comes to what is due on it. Media over TCP lies unread as long, and no kernel says when it came.
///
/// A reading is due every 50 ms. One that comes later than the next was due stands for all that were due meanwhile, so that the readings are of instants spread
/// evenly over time: a loop that stood for 400 ms was late for the eight of them, not for one.
///
/// `@unchecked Sendable`: all of it is called on the loop.
public final class LoopLag: @unchecked Sendable {
  static let interval = TimeAmount.milliseconds(50)
  /// Readings that are kept: 12.8 s.
  static let capacity = 256

  private let loop: any EventLoop
  private(set) var due: NIODeadline
  private var kept = [Nanoseconds](repeating: .zero, count: capacity)
  /// Readings since the beginning.
  public private(set) var end = 0

  /// Reads nothing before `begin()`.
  public init(of loop: any EventLoop) {
    self.loop = loop
    due = .now() + LoopLag.interval
  }

  /// Reads by itself until this goes, or the loop.
  public func begin() {
    loop.scheduleTask(deadline: due) { [weak self] in
      guard let self else { return }
      self.read(at: .now())
      self.begin()
    }
  }

  /// Reads what is due. What stands for a loop's second calls it too: a stand just before it is this second's, whichever comes first on the loop.
  public func read(at now: NIODeadline) {
    var late = now - due
    while late >= .nanoseconds(0) {
      kept[end % LoopLag.capacity] = Nanoseconds(late.nanoseconds)
      end &+= 1
      due = due + LoopLag.interval
      late = late - LoopLag.interval
    }
  }

  /// Readings from an absolute position on, oldest first, as far as they are kept.
  public func readings(from position: Int, _ body: (Nanoseconds) -> Void) {
    for index in max(position, end - LoopLag.capacity, 0)..<max(position, end) { body(kept[index % LoopLag.capacity]) }
  }

  /// The position of the readings that were due since a time ago.
  public func position(before elapsed: Nanoseconds) -> Int {
    max(0, end - Int(clamping: max(0, elapsed.value) / LoopLag.interval.nanoseconds))
  }
}
