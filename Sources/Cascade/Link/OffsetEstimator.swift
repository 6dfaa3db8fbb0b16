public import Model

/// The interval in which the peer's boot clock minus ours lies, from four timestamps an exchange (measurement.md §4.2): every exchange bounds it,
/// five minutes of bounds are intersected, each widened by 15 ppm of its age.
public struct OffsetEstimator: Sendable {
  public struct Interval: Sendable, Hashable {
    /// Nanoseconds; peer's boot time − own boot time.
    public var low: Int64
    public var high: Int64
    public var samples: Int
    public var span: Nanoseconds
  }

  private struct Bound {
    var at: BootTime
    var low: Int64
    var high: Int64
  }

  public static let horizon = Nanoseconds.seconds(300)
  private var bounds: [Bound] = []
  /// The newest round trip without the peer's own time.
  public private(set) var roundTrip: Nanoseconds?

  public init() {}

  /// Takes one exchange: `t1`, `t4` on our clock, `t2`, `t3` on the peer's. False when it contradicts the bounds so far: a clock was stepped or
  /// the machine was paused; the bounds then begin anew with this one.
  public mutating func add(t1: BootTime, t2: Int64, t3: Int64, t4: BootTime) -> Bool {
    let low = t3 &- t4.nanoseconds
    let high = t2 &- t1.nanoseconds
    guard low <= high, t4 >= t1 else { return false }
    roundTrip = Nanoseconds(high &- low)
    bounds.removeAll { t4 - $0.at > OffsetEstimator.horizon }
    let bound = Bound(at: t4, low: low, high: high)
    bounds.append(bound)
    guard interval(at: t4) == nil else { return true }
    bounds = [bound]
    return false
  }

  /// The intersection as it stands at `now`; nil without samples or when they contradict each other.
  public func interval(at now: BootTime) -> Interval? {
    guard let first = bounds.first else { return nil }
    var low = Int64.min
    var high = Int64.max
    for bound in bounds {
      let widening = (now - bound.at).value / 1_000_000 &* 15
      low = max(low, bound.low &- widening)
      high = min(high, bound.high &+ widening)
    }
    guard low <= high else { return nil }
    return Interval(low: low, high: high, samples: bounds.count, span: now - first.at)
  }
}
