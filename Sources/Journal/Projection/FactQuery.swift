/// Which facts the projection is asked for.
public struct FactQuery: Hashable, Sendable {
  /// Any of these kinds; empty for all.
  public var kinds: [String]
  public var stream: String?
  public var incident: String?
  /// Numbers beyond this one.
  public var after: Int64?
  /// Numbers before this one.
  public var before: Int64?
  /// At most so many, 10 000 at the most.
  public var limit: Int
  public var newestFirst: Bool

  public init(
    kinds: [String] = [], stream: String? = nil, incident: String? = nil, after: Int64? = nil, before: Int64? = nil, limit: Int = 1000,
    newestFirst: Bool = false
  ) {
    self.kinds = kinds
    self.stream = stream
    self.incident = incident
    self.after = after
    self.before = before
    self.limit = limit
    self.newestFirst = newestFirst
  }
}
