internal import Model

/// One source's RTP timestamps as a time line of 64 bits that goes on when another source follows (RFC 3550 §8).
struct RTPClock: Sendable {
  private let clockRate: Int32
  private var unwrapper = TimestampUnwrapper()
  /// Added to unwrapped timestamps: a new source goes on where the last one stopped.
  private var shift: Int64 = 0
  /// Where the next timestamp lies, when its source is new.
  private var resumeTime: Int64?

  /// Of the newest packet; nil before the source's first.
  private(set) var timestamp: UInt32?
  /// The same in ticks of the time line.
  private(set) var time: Int64 = 0
  /// When the newest packet came.
  var arrival = BootTime(nanoseconds: 0)

  init(clockRate: Int32) { self.clockRate = clockRate }

  /// A packet with this timestamp follows.
  /// - Returns: whether the timestamp is another than the one before.
  mutating func advance(to timestamp: UInt32, arrival: BootTime) -> Bool {
    self.arrival = arrival
    guard timestamp != self.timestamp else { return false }
    self.timestamp = timestamp
    let raw = unwrapper.unwrap(timestamp)
    if let resumeTime {
      shift = resumeTime &- raw
      self.resumeTime = nil
    }
    time = raw &+ shift
    return true
  }

  /// Another source sends from now on: its timestamps have nothing to do with those before, so the time that passed is what counts.
  mutating func changeSource(at now: BootTime) {
    let passed = MediaTime(value: max(0, (now - arrival).value), timescale: 1_000_000_000).rescaled(to: clockRate)
    resumeTime = time &+ passed
    unwrapper = TimestampUnwrapper()
    timestamp = nil
  }
}
