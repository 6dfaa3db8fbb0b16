public import Model

/// The interval in which the peer's boot clock minus ours lies, from four timestamps an exchange (measurement.md §4.2): every exchange bounds it,
/// five minutes of bounds are intersected, each widened by 15 ppm of its age.
///
/// Four timestamps cannot tell a jump of a clock from a change of the path that is as large: a jump beyond the interval's width plus the
/// exchange's round trip contradicts the bounds at once; a smaller one may stay in them until the bounds before it have left the horizon, and
/// moves the interval off the truth by no more than that width and round trip.
public struct OffsetEstimator: Sendable {
  /// What the exchanges so far allow.
  public struct Interval: Sendable, Hashable {
    /// Nanoseconds; peer's boot time − own boot time.
    public var low: Int64
    /// Its upper bound.
    public var high: Int64
    /// Exchanges that bound it, and the time since the oldest of them.
    public var samples: Int
    /// Since the oldest of them.
    public var span: Nanoseconds
  }

  /// What an exchange did to the bounds.
  public enum Outcome: Sendable, Hashable {
    case agreed
    /// It contradicts the bounds so far: one of the two clocks jumped or stood still by something in [low, high]; nil when the exchange is
    /// impossible in itself. The bounds begin anew.
    case stepped(low: Int64?, high: Int64?)
  }

  private struct Bound {
    /// Of the lower bound p(t3) − c(t4), and of the upper p(t2) − c(t1): the instants from which each ages.
    var lowAt: BootTime
    var highAt: BootTime
    var low: Int64
    var high: Int64
  }

  /// Older exchanges bound nothing.
  public static let horizon = Nanoseconds.seconds(300)
  /// How much two clocks' rates may differ.
  public static let driftPPM: Int64 = 15
  private var bounds: [Bound] = []
  /// The newest round trip without the peer's own time.
  public private(set) var roundTrip: Nanoseconds?

  public init() {}

  /// Adds one exchange: `t1`, `t4` on our clock, `t2`, `t3` on the peer's.
  public mutating func add(t1: BootTime, t2: Int64, t3: Int64, t4: BootTime) -> Outcome {
    let bound = Bound(lowAt: t4, highAt: t1, low: t3 &- t4.nanoseconds, high: t2 &- t1.nanoseconds)
    guard t4 >= t1, bound.low <= bound.high &+ OffsetEstimator.widening(t4 - t1) else {
      bounds = []
      return .stepped(low: nil, high: nil)
    }
    roundTrip = Nanoseconds(max(0, bound.high &- bound.low))
    bounds.removeAll { t4 - $0.lowAt > OffsetEstimator.horizon }
    let before = interval(at: t4)
    let high = bound.high &+ OffsetEstimator.widening(t4 - t1)
    if let before, bound.low > before.high || high < before.low {
      bounds = [bound]
      return .stepped(low: bound.low &- before.high, high: high &- before.low)
    }
    bounds.append(bound)
    return .agreed
  }

  /// The intersection as it stands at `now`; nil without samples or when they contradict each other.
  public func interval(at now: BootTime) -> Interval? {
    guard let first = bounds.first else { return nil }
    var low = Int64.min
    var high = Int64.max
    for bound in bounds {
      low = max(low, bound.low &- OffsetEstimator.widening(now - bound.lowAt))
      high = min(high, bound.high &+ OffsetEstimator.widening(now - bound.highAt))
    }
    guard low <= high else { return nil }
    return Interval(low: low, high: high, samples: bounds.count, span: now - first.lowAt)
  }

  /// 15 ppm of an age, rounded up.
  private static func widening(_ age: Nanoseconds) -> Int64 {
    let (product, overflow) = Int64(clamping: age.value.magnitude).multipliedReportingOverflow(by: driftPPM)
    return overflow ? Int64.max / 4 : product / 1_000_000 &+ (product % 1_000_000 == 0 ? 0 : 1)
  }
}
