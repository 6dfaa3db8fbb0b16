internal import Model

/// Until when a key opens, as people write it and read it: days of China Standard Time.
enum KeyExpiry {
  private static let day: Int64 = 86_400_000_000_000

  /// The end of a key; nil where neither is given. Throws ``FaultCode/usage`` for both, for what is no day, and for an end that is over already.
  /// - Parameters:
  ///   - expires: the last whole day, `2026-12-31`.
  ///   - days: from now.
  static func end(expires: String?, days: Int?, now: WallTime) throws(Fault) -> WallTime? {
    switch (expires, days) {
    case (nil, nil): return nil
    case (let date?, nil):
      // Read again as text: 31 February would be a day in March.
      guard date.utf8.count == 10, let start = WallTime(date + "T00:00:00+08:00"), dayText(start) == date else {
        throw Fault(.usage, "--expires \(date): 2026-12-31")
      }
      let end = WallTime(nanoseconds: start.nanoseconds &+ day)
      guard end > now else { throw Fault(.usage, "--expires \(date): 已经过去 | is over") }
      return end
    case (nil, let days?):
      guard (1...3660).contains(days) else { throw Fault(.usage, "--days \(days): 1…3660") }
      return WallTime(nanoseconds: now.nanoseconds &+ Int64(days) &* day)
    case (_?, _?): throw Fault(.usage, "--expires | --days")
    }
  }

  /// For people: the last moment's day and time, marked when it is over.
  static func text(_ end: WallTime?, at now: WallTime) -> String {
    guard let end else { return "—" }
    // The last second that still opens: an end at midnight belongs to the day before.
    let last = WallTime(nanoseconds: end.nanoseconds &- 1)
    let local = WallTime(nanoseconds: last.nanoseconds &+ day / 3).description
    let text = "\(local.prefix(10)) \(local.dropFirst(11).prefix(5)) (北京时间 CST)"
    return now >= end ? text + " 已过期 expired" : text
  }

  /// The day of China Standard Time that an instant lies in.
  private static func dayText(_ time: WallTime) -> String { String(WallTime(nanoseconds: time.nanoseconds &+ day / 3).description.prefix(10)) }
}
