/// A signed span of time in nanoseconds.
public struct Nanoseconds: Hashable, Comparable, Sendable, Codable {
  /// Nanoseconds; negative spans are allowed.
  public var value: Int64

  public init(_ value: Int64) { self.value = value }

  public init(from decoder: any Decoder) throws { value = try decoder.singleValueContainer().decode(Int64.self) }
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(value)
  }

  /// No time at all.
  public static let zero = Nanoseconds(0)
  /// Wraps instead of trapping.
  public static func milliseconds(_ n: Int64) -> Nanoseconds { Nanoseconds(n &* 1_000_000) }
  /// Wraps instead of trapping.
  public static func seconds(_ n: Int64) -> Nanoseconds { Nanoseconds(n &* 1_000_000_000) }

  /// For display only: figures that judge stay integers.
  public var seconds: Double { Double(value) / 1e9 }
  /// For display only.
  public var milliseconds: Double { Double(value) / 1e6 }

  public static func < (a: Nanoseconds, b: Nanoseconds) -> Bool { a.value < b.value }
  /// Wraps instead of trapping.
  public static func + (a: Nanoseconds, b: Nanoseconds) -> Nanoseconds { Nanoseconds(a.value &+ b.value) }
  /// Wraps instead of trapping.
  public static func - (a: Nanoseconds, b: Nanoseconds) -> Nanoseconds { Nanoseconds(a.value &- b.value) }
  /// Wraps instead of trapping.
  public static prefix func - (a: Nanoseconds) -> Nanoseconds { Nanoseconds(0 &- a.value) }
}
