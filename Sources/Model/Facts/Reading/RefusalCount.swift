/// What makes a refusal's fact one of many: refusals of one source and kind are counted for a minute after the first, which is a fact of its own.
public struct RefusalCount: Hashable, Sendable {
  /// Refusals that this fact stands for; the first of the minute is not among them.
  public var count: Int64
  /// The first and the last of them; the fact itself bears the time of the last.
  public var first: BootTime
  /// The last of them.
  public var last: BootTime

  public init(count: Int64, first: BootTime, last: BootTime) {
    self.count = count
    self.first = first
    self.last = last
  }

  /// Nil for a refusal that stands for itself.
  init?(_ read: FactReader) {
    guard let count: Int64 = read["count"], let first: BootTime = read["firstNs"], let last: BootTime = read["lastNs"] else { return nil }
    self.init(count: count, first: first, last: last)
  }

  /// A refusal's fields with these beside them.
  public func added(to refusal: [String: JSON]) -> [String: JSON] { refusal.merging(fields) { $1 } }

  /// `count`, `firstNs`, `lastNs`.
  var fields: [String: JSON] { ["count": count.json, "firstNs": first.json, "lastNs": last.json] }
}
