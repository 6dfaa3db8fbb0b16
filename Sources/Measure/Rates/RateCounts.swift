internal import Model

/// What the three rates are made of, fact by fact.
struct RateCounts: Sendable {
  private var book = StreamBook()
  private(set) var exclusions = ExclusionList()
  private(set) var connections = ConnectionReducer()
  var responses = ResponseReducer()
  private(set) var lines = QualityReducer()

  /// A fact in the journal's order; those of kinds that rates do not depend on are passed over.
  mutating func apply(_ fact: Fact) {
    guard RateFigures.kinds.contains(fact.kind) else { return }
    exclusions.apply(fact)
    connections.apply(fact, book)
    responses.apply(fact, book)
    lines.apply(fact, book)
    book.apply(fact)
  }
}
