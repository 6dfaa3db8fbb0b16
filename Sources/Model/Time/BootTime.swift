/// An instant on this node's `CLOCK_BOOTTIME`, in nanoseconds since the node booted.
///
/// Every interval the product publishes is a difference of two of these. Two nodes' boot times have nothing in common: never subtract across nodes.
public struct BootTime: Hashable, Comparable, Sendable, Codable {
  /// Nanoseconds since boot.
  public var nanoseconds: Int64

  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  public init(from decoder: any Decoder) throws {
    nanoseconds = try decoder.singleValueContainer().decode(Int64.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(nanoseconds)
  }

  public static func < (a: BootTime, b: BootTime) -> Bool { a.nanoseconds < b.nanoseconds }

  /// Signed distance in nanoseconds; wraps instead of trapping on absurd input.
  public static func - (a: BootTime, b: BootTime) -> Nanoseconds { Nanoseconds(a.nanoseconds &- b.nanoseconds) }
  /// Wraps instead of trapping.
  public static func + (a: BootTime, b: Nanoseconds) -> BootTime { BootTime(nanoseconds: a.nanoseconds &+ b.value) }
  /// Wraps instead of trapping.
  public static func - (a: BootTime, b: Nanoseconds) -> BootTime { BootTime(nanoseconds: a.nanoseconds &- b.value) }
}
