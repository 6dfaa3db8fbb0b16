/// Watches the wall clock against boot time, decided without I/O: a step and a change of its synchronisation are findings, a slew is not.
public struct WallClockWatch: Sendable {
  /// Both clocks, read so that the wall clock's instant lies between two of boot time.
  public struct Reading: Sendable, Hashable {
    /// Read before the wall clock.
    public var before: BootTime
    /// The wall clock.
    public var wall: WallTime
    /// Read after the wall clock.
    public var after: BootTime

    public init(before: BootTime, wall: WallTime, after: BootTime) {
      self.before = before
      self.wall = wall
      self.after = after
    }

    /// Wall clock minus boot time: the interval in which it lies, because the thread may have been pushed aside between two reads.
    var offset: (low: Int64, high: Int64) { (wall.nanoseconds &- after.nanoseconds, wall.nanoseconds &- before.nanoseconds) }
  }

  /// What one reading showed.
  public struct Findings: Sendable, Hashable {
    /// How far the wall clock was stepped, by the middle of what is possible; nil when it need not have been.
    public var step: Nanoseconds?
    /// Whether its state is to be announced: at first, on a change, and every ten minutes.
    public var isStateDue: Bool
  }

  /// Beyond this between two readings it was a step: adjtimex slews by 500 ppm at most.
  public static let stepLimit = Nanoseconds.milliseconds(20)

  private var last: Reading?
  private var synced: Bool?
  private var announcedAt: BootTime?

  public init() {}

  /// Looks at the next reading.
  /// - Parameter synced: what the kernel says of its clock; nil where it cannot be asked.
  public mutating func update(_ reading: Reading, synced: Bool?) -> Findings {
    let step = last.flatMap { WallClockWatch.step(from: $0, to: reading) }
    last = reading
    let isDue = announcedAt.map { reading.after - $0 >= .seconds(600) } ?? true
    let announces = isDue || synced != self.synced
    if announces {
      self.synced = synced
      announcedAt = reading.after
    }
    return Findings(step: step, isStateDue: announces)
  }

  /// The least step that the two readings prove must be beyond the limit.
  private static func step(from earlier: Reading, to later: Reading) -> Nanoseconds? {
    let least = later.offset.low &- earlier.offset.high
    let most = later.offset.high &- earlier.offset.low
    guard least > stepLimit.value || most < 0 &- stepLimit.value else { return nil }
    return Nanoseconds(least &+ (most &- least) / 2)
  }
}

extension NodeClock {
  /// For ``WallClockWatch``.
  public func bracketedReading() -> WallClockWatch.Reading {
    let before = bootTime()
    let wall = wallTime()
    return WallClockWatch.Reading(before: before, wall: wall, after: bootTime())
  }
}
