public import Model

/// How long to wait before something that failed is tried again: waits that double up to a bound, moved at random so that what failed together
/// does not come back together. A value without a clock.
public struct Backoff: Sendable, Hashable {
  /// The wait after the first failure, before it is moved.
  public let first: Nanoseconds
  /// No wait is longer, moved or not.
  public let longest: Nanoseconds
  /// How far a wait is moved at most, either way: 0 to 100 percent of it.
  public let jitterPercent: Int64
  /// Failures since the beginning or the last ``reset()``.
  public private(set) var failures = 0

  /// - Parameter jitterPercent: 25 makes waits of 75 to 125 %; 0 makes them exact.
  public init(first: Nanoseconds, longest: Nanoseconds, jitterPercent: Int64 = 25) {
    self.first = max(.zero, first)
    self.longest = max(.zero, longest)
    self.jitterPercent = min(max(0, jitterPercent), 100)
  }

  /// The wait after one more failure.
  public mutating func next(using generator: inout some RandomNumberGenerator) -> Nanoseconds {
    let (doubled, overflow) = first.value.multipliedReportingOverflow(by: 1 << Int64(min(failures, 62)))
    failures &+= 1
    let base = overflow ? longest.value : min(doubled, longest.value)
    let range = base / 100 &* jitterPercent
    let (most, isBeyond) = base.addingReportingOverflow(range)
    return Nanoseconds(Int64.random(in: base &- range...(isBeyond ? longest.value : min(most, longest.value)), using: &generator))
  }

  /// The wait after one more failure, by the system's own chance.
  public mutating func next() -> Nanoseconds {
    var generator = SystemRandomNumberGenerator()
    return next(using: &generator)
  }

  /// It worked: the next failure is a first one.
  public mutating func reset() { failures = 0 }
}
