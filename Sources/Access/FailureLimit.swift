public import Model

/// Slows guessing down: after ten failures within a minute an address waits until the minute is over. Bounded in memory.
public struct FailureLimit: Sendable {
  public static let allowed = 10
  public static let window = Nanoseconds.seconds(60)
  private var failures: [String: (since: BootTime, count: Int)] = [:]

  public init() {}

  /// Whether an address must wait now.
  public func isBlocked(_ address: String, at now: BootTime) -> Bool {
    guard let known = failures[address], now - known.since < FailureLimit.window else { return false }
    return known.count >= FailureLimit.allowed
  }

  public mutating func failed(_ address: String, at now: BootTime) {
    if failures.count > 4096 { failures = failures.filter { now - $0.value.since < FailureLimit.window } }
    if failures.count > 65_536 { failures.removeAll() }
    guard let known = failures[address], now - known.since < FailureLimit.window else {
      failures[address] = (now, 1)
      return
    }
    failures[address] = (known.since, known.count + 1)
  }
}
