public import Model

/// An interval that is sure to contain the truth, because its ends are events of one clock that caused one another.
public struct Bracket: Hashable, Sendable {
  /// It cannot have been less.
  public var lower: Nanoseconds
  /// It cannot have been more.
  public var upper: Nanoseconds

  /// Nil when the bounds are in the wrong order.
  public init?(lower: Nanoseconds, upper: Nanoseconds) {
    guard lower <= upper else { return nil }
    self.lower = lower
    self.upper = upper
  }

  /// Whether both can be true.
  public func overlaps(_ other: Bracket) -> Bool { lower <= other.upper && other.lower <= upper }

  /// What both allow; nil when that is nothing.
  public func intersection(_ other: Bracket) -> Bracket? { Bracket(lower: max(lower, other.lower), upper: min(upper, other.upper)) }

  /// Nanoseconds.
  public var json: JSON { ["lowerNs": .int(lower.value), "upperNs": .int(upper.value)] }
}
