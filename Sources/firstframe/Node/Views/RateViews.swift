internal import Command
internal import Journal
internal import Measure
internal import Model
internal import Web

/// The three rates of a running node: from its index, up to the newest durable fact.
struct RateViews: RatesSource {
  let index: Projection
  let journal: Journal
  let desk: IncidentDesk

  func rates(month: String?) async throws -> PrintedJSON {
    guard await index.caughtUp(to: journal.last.sequence) else { throw Fault(.diskFailed, "index.sqlite") }
    let facts = try await RateViews.facts(index, kinds: RateFigures.kinds)
    let incidents = await desk.allFigures()
    // Counting may take a while in a journal of years, and blocks nobody here.
    return try await blocking { RateFigures(facts: facts, incidents: incidents, month: month).json }
  }

  /// All facts of some kinds, oldest first.
  static func facts(_ index: Projection, kinds: Set<String>) async throws -> [Fact] {
    try await index.allFacts(FactQuery(kinds: kinds.sorted(), limit: 10_000))
  }
}
