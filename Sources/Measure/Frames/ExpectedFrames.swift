internal import Model

/// How many frames a nominal rate would have brought: the number of instants first + k·T before an instant, so that an outage counts.
struct ExpectedFrames: Sendable, Hashable {
  private(set) var rateMilli: Int64?
  private var anchor: BootTime?
  private var before: Int64 = 0

  /// - Parameter rateMilli: frames a second × 1000; nil or out of range means unknown.
  init(rateMilli: Int64?) { self.rateMilli = ExpectedFrames.valid(rateMilli) }

  mutating func begin(at first: BootTime) {
    if anchor == nil { anchor = first }
  }

  /// The rate from an instant on. One that becomes known late holds from the first frame.
  mutating func change(rateMilli: Int64?, at instant: BootTime) {
    let rate = ExpectedFrames.valid(rateMilli)
    guard rate != self.rateMilli else { return }
    if let count = count(before: instant) {
      before = count
      anchor = max(instant, anchor ?? instant)
    }
    self.rateMilli = rate
  }

  /// Nil while no rate is known; 0 until the first frame.
  func count(before instant: BootTime) -> Int64? {
    guard let rateMilli else { return nil }
    guard let anchor, instant > anchor else { return before }
    let numerator = Int128((instant - anchor).value) * Int128(rateMilli)
    return before &+ Int64(clamping: (numerator + 999_999_999_999) / 1_000_000_000_000)
  }

  private static func valid(_ rate: Int64?) -> Int64? {
    guard let rate, (1...1_000_000).contains(rate) else { return nil }
    return rate
  }
}
