public import Model

/// A 64-bit NTP timestamp (RFC 5905 §6): seconds since 1900 and a binary fraction.
public struct NTPTime: Hashable, Sendable {
  /// Seconds since 1900 in the upper half, fractions of 2⁻³² s in the lower.
  public var rawValue: UInt64

  /// - Parameter rawValue: as the wire carries it.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Rounded to the nearest 2⁻³² s; ``wallTime`` gives the same nanosecond back from 1968 to 2104.
  public init(_ wall: WallTime) {
    var (seconds, rest) = wall.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    if rest < 0 {
      seconds -= 1
      rest += 1_000_000_000
    }
    let fraction = (UInt64(rest) << 32 &+ 500_000_000) / 1_000_000_000
    rawValue = UInt64(truncatingIfNeeded: seconds &+ NTPTime.secondsTo1970) << 32 &+ fraction
  }

  /// Seconds with the highest bit clear belong to the era that begins in 2036 (RFC 4330 §3).
  public var wallTime: WallTime {
    let seconds = Int64(rawValue >> 32)
    let sinceEpoch = (seconds >= 1 << 31 ? seconds : seconds + 1 << 32) - NTPTime.secondsTo1970
    let nanoseconds = ((rawValue & 0xFFFF_FFFF) &* 1_000_000_000 &+ 1 << 31) >> 32
    return WallTime(nanoseconds: sinceEpoch &* 1_000_000_000 &+ Int64(nanoseconds))
  }

  /// A sender without a notion of time sends zero (RFC 3550 §6.4.1).
  public var isUnknown: Bool { rawValue == 0 }

  /// The middle 32 bits, in 1/65536 s: what report blocks carry.
  public var middle: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 16) }

  private static let secondsTo1970: Int64 = 2_208_988_800
}
