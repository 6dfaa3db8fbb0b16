internal import Hub
public import Model
public import NIOCore

/// When a connection's kernel is asked for its round trip: in the first second and every five from then on.
public struct RoundTripTimer: Sendable {
  static let interval = 5

  private var secondsLeft = 1

  /// The first question goes out at the next tick.
  public init() {}

  /// Called once a second, on the channel's loop. `body` is called there too, or not at all.
  public mutating func tick(_ channel: any Channel, _ body: @escaping (Nanoseconds) -> Void) {
    secondsLeft -= 1
    guard secondsLeft <= 0, let asked = ConnectionRoundTrip.measure(channel) else { return }
    secondsLeft = RoundTripTimer.interval
    asked.assumeIsolated().whenSuccess { trip in if let trip { body(trip) } }
  }
}
