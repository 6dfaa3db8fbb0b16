internal import Model

/// Waits that double up to a bound, with jitter so that a county's cameras do not all come back in one instant.
struct Backoff: Sendable {
  static let first = Nanoseconds.seconds(1)
  static let longest = Nanoseconds.seconds(30)

  private(set) var failures = 0

  init() {}

  /// The wait after one more failure: between three quarters and five quarters of 1, 2, 4 … 30 s.
  mutating func next(using generator: inout some RandomNumberGenerator) -> Nanoseconds {
    let doubled = Backoff.first.value << Int64(min(failures, 5))
    failures += 1
    let base = min(doubled, Backoff.longest.value)
    let most = min(base &+ base / 4, Backoff.longest.value)
    return Nanoseconds(Int64.random(in: base &- base / 4...most, using: &generator))
  }

  mutating func reset() { failures = 0 }
}
