public import Model

/// Slows guessing down: five failures within a minute for one name from one address, and sixty for all names from it. Whole villages of field devices
/// stand behind one carrier's address, so that a single device with a wrong key must not shut out the others. Bounded in memory.
public struct FailureLimit: Sendable {
  public static let allowed = 5
  public static let allowedForAddress = 60
  public static let window = Nanoseconds.seconds(60)
  static let mostEntries = 16_384

  private struct Source: Hashable {
    var address: String
    /// Nil counts all names.
    var name: String?
  }

  private struct Failures {
    var since: BootTime
    var count: Int
  }

  private var failures: [Source: Failures] = [:]

  public init() {}

  /// Whether who says to be `name` must wait now.
  /// - Parameter name: ``AccessCredentials/name``; nil for a bare secret, of which 192 random bits cannot be guessed one by one.
  public func isBlocked(_ address: String, name: String? = nil, at now: BootTime) -> Bool {
    if count(Source(address: address, name: nil), now) >= FailureLimit.allowedForAddress { return true }
    guard let name else { return false }
    return count(Source(address: address, name: FailureLimit.bounded(name)), now) >= FailureLimit.allowed
  }

  public mutating func failed(_ address: String, name: String? = nil, at now: BootTime) {
    add(Source(address: address, name: nil), now)
    if let name { add(Source(address: address, name: FailureLimit.bounded(name)), now) }
  }

  /// Names come from outside: those that no key could have share one count.
  private static func bounded(_ name: String) -> String { name.utf8.count <= 64 ? name : "" }

  private func count(_ source: Source, _ now: BootTime) -> Int {
    guard let known = failures[source], now - known.since < FailureLimit.window else { return 0 }
    return known.count
  }

  private mutating func add(_ source: Source, _ now: BootTime) {
    if let known = failures[source], now - known.since < FailureLimit.window {
      failures[source] = Failures(since: known.since, count: known.count &+ 1)
      return
    }
    if failures.count >= FailureLimit.mostEntries { makeRoom(now) }
    failures[source] = Failures(since: now, count: 1)
  }

  /// Old entries go; when none is old, single failures do: those who were caught at guessing stay caught.
  private mutating func makeRoom(_ now: BootTime) {
    failures = failures.filter { now - $0.value.since < FailureLimit.window }
    if failures.count >= FailureLimit.mostEntries { failures = failures.filter { $0.value.count >= FailureLimit.allowed } }
    if failures.count >= FailureLimit.mostEntries { failures.removeAll() }
  }
}
