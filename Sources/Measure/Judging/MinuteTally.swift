/// How the minutes of a line were judged: counts, for a line of a year has half a million of them.
public struct MinuteTally: Hashable, Sendable {
  /// All minutes.
  public private(set) var count = 0
  /// Those that passed.
  public private(set) var passed = 0
  /// Those that failed.
  public private(set) var failed = 0
  /// Of those that failed.
  public private(set) var reasons: Set<ReasonCode> = []

  /// Counts minutes that were judged one by one.
  public init(_ minutes: [Judgement] = []) { for minute in minutes { add(minute) } }

  /// Passed or failed.
  public var judged: Int { passed + failed }

  /// One more minute, or several that were judged alike.
  public mutating func add(_ minute: Judgement, times: Int = 1) {
    guard times > 0 else { return }
    count += times
    switch minute.verdict {
    case .pass: passed += times
    case .fail:
      failed += times
      reasons.formUnion(minute.reasons)
    case .undetermined: break
    }
  }
}
