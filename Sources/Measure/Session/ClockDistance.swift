/// How far a sender's boot clock lies from ours (measurement.md §4.2): sender's − ours, in nanoseconds, is at least ``low`` and at most ``high``.
public struct ClockDistance: Hashable, Sendable {
  /// Nanoseconds.
  public var low: Int64
  /// Nanoseconds.
  public var high: Int64

  public init(low: Int64, high: Int64) {
    self.low = low
    self.high = high
  }
}
