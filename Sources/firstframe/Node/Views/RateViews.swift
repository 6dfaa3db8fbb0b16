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
    let facts = try await index.allFacts(FactQuery(kinds: RateFigures.kinds.sorted(), limit: FactQuery.largestPage))
    let incidents = await desk.allFigures()
    // Counting may take a while in a journal of years, and blocks nobody here.
    return try await blocking { RateFigures(facts: facts, incidents: incidents, month: month).json }
  }
}
