internal import Model

/// Interarrival jitter in order of arrival: RFC 3550 §6.4.1 with the integer filter of appendix A.8 (gain 1/16, kept sixteenfold), in
/// nanoseconds instead of timestamp units, so that an 8 kHz clock does not round it to 125 µs.
struct Jitter: Sendable, Hashable {
  private let clockRate: Int64
  private var timestamp: UInt32 = 0
  private var arrival: BootTime?
  private var sixteenfold: Int64 = 0
  private(set) var sum: Int64 = 0
  private(set) var count: Int64 = 0
  private(set) var maximumSinceTaken: Int64 = 0

  init(clockRate: Int32) { self.clockRate = Int64(max(1, clockRate)) }

  var nanoseconds: Int64 { sixteenfold >> 4 }

  mutating func packet(timestamp: UInt32, arrival: BootTime) {
    if let before = self.arrival {
      // Most packets are of the same picture as the one before: no division.
      let media = timestamp == self.timestamp ? 0 : Int64(Int32(bitPattern: timestamp &- self.timestamp)) * 1_000_000_000 / clockRate
      let difference = (arrival - before).value &- media
      sixteenfold &+= min(difference.magnitude, 1 << 50).signed &- ((sixteenfold &+ 8) >> 4)
      sum &+= nanoseconds
      count &+= 1
      maximumSinceTaken = max(maximumSinceTaken, nanoseconds)
    }
    self.timestamp = timestamp
    self.arrival = arrival
  }

  /// A new source: the difference to the packet before means nothing.
  mutating func restart() {
    arrival = nil
    sixteenfold = 0
  }

  /// The largest value since the last call.
  mutating func removeMaximum() -> Int64 {
    defer { maximumSinceTaken = nanoseconds }
    return maximumSinceTaken
  }
}

extension UInt64 {
  fileprivate var signed: Int64 { Int64(truncatingIfNeeded: self) }
}
