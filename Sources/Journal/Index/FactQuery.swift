public import Model

/// Which facts an index is asked for. All conditions must hold; one that is nil or empty does not count.
public struct FactQuery: Hashable, Sendable {
  /// The most facts that one answer holds, whatever ``limit`` says.
  public static let largestPage = 10_000

  /// Any of these kinds.
  public var kinds: [String]
  /// The fact's `stream` field is this text.
  public var stream: String?
  /// The fact's `incident` field is this text.
  public var incident: String?
  /// Sequences beyond this one.
  public var after: Int64?
  /// Sequences before this one.
  public var before: Int64?
  /// At most so many facts; ``largestPage`` bounds it, and below 0 it counts as 0.
  public var limit: Int
  /// From the newest fact backwards instead of from the oldest on.
  public var newestFirst: Bool

  /// Without arguments: the oldest 1000 facts.
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

  /// The facts of a range of sequences, oldest first, in the largest pages.
  public init(sequences: ClosedRange<Int64>) {
    self.init(
      after: sequences.lowerBound == .min ? nil : sequences.lowerBound - 1,
      before: sequences.upperBound == .max ? nil : sequences.upperBound + 1, limit: FactQuery.largestPage)
  }

  /// How many facts a page of this query holds at most.
  public var pageSize: Int { max(0, min(limit, FactQuery.largestPage)) }

  /// The page that this query names of facts in memory, which stand in the journal's order.
  public func page(of facts: [Fact]) -> [Fact] {
    let named = (newestFirst ? Array(facts.reversed()) : facts).lazy.filter { fact in
      (kinds.isEmpty || kinds.contains(fact.kind)) && (stream == nil || fact["stream"]?.stringValue == stream)
        && (incident == nil || fact["incident"]?.stringValue == incident) && fact.sequence > after ?? .min && fact.sequence < before ?? .max
    }
    return Array(named.prefix(pageSize))
  }

  /// The query for the page after `page`, which was this query's answer; nil when that was the last one.
  public func following(_ page: [Fact]) -> FactQuery? {
    guard page.count >= pageSize, let last = page.last else { return nil }
    var next = self
    if newestFirst { next.before = last.sequence } else { next.after = last.sequence }
    return next
  }
}
