public import Model

/// The facts from before a moment, to be asked for by whoever makes its state of them: a consumer reads what it needs, not what there is.
public struct FactHistory: Sendable {
  /// Sequence of the newest fact of the past; later ones are brought by the feed.
  public let through: Int64
  private let read: @Sendable (FactQuery) async throws(Fault) -> [Fact]

  /// What an index holds up to a sequence, once it has got there.
  public init(_ projection: Projection, through: Int64) {
    self.through = through
    read = { query throws(Fault) in
      guard await projection.caughtUp(to: through) else { throw Fault(.diskFailed, "the index is closed") }
      return try await projection.facts(query)
    }
  }

  /// All that a journal holds whenever somebody asks.
  public init(_ projection: Projection, of journal: Journal) {
    through = .max
    read = { query throws(Fault) in
      guard await projection.caughtUp(to: journal.last.sequence) else { throw Fault(.diskFailed, "the index is closed") }
      return try await projection.facts(query)
    }
  }

  /// Facts in memory, in the journal's order.
  public init(_ facts: [Fact]) {
    through = facts.last?.sequence ?? 0
    read = { query throws(Fault) in query.page(of: facts) }
  }

  /// One page of the facts that a query names; none is later than ``through``. Throws what the index throws.
  public func page(_ query: FactQuery) async throws(Fault) -> [Fact] {
    var query = query
    query.before = min(query.before ?? .max, through == .max ? .max : through &+ 1)
    return try await read(query)
  }

  /// The newest fact that a query names.
  public func newest(_ query: FactQuery) async throws(Fault) -> Fact? {
    var query = query
    (query.newestFirst, query.limit) = (true, 1)
    return try await page(query).first
  }

  /// Every fact that a query names, in its order, page by page; the query's limit is a page's. `body` is called where the caller runs.
  public func each(
    _ query: FactQuery, isolation: isolated (any Actor)? = #isolation, _ body: (Fact) async throws(Fault) -> Void
  ) async throws(Fault) {
    var next: FactQuery? = query
    while let query = next {
      let page = try await page(query)
      for fact in page { try await body(fact) }
      next = query.following(page)
    }
  }

  /// Every fact that a query names. They must fit into memory: it is for facts of which there are few.
  public func all(_ query: FactQuery) async throws(Fault) -> [Fact] {
    var found: [Fact] = []
    try await each(query) { fact throws(Fault) in found.append(fact) }
    return found
  }
}
