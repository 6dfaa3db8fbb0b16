internal import Command
internal import Journal
internal import Measure
internal import Model
internal import NIOPosix
internal import Web

/// The three rates of a running node: from its index, up to the newest durable fact.
struct RateViews: RatesSource {
  let projection: Projection
  let journal: Journal
  let desk: IncidentDesk

  func rates(month: String?) async throws -> PrintedJSON {
    guard await projection.caughtUp(to: journal.last.sequence) else { throw Fault(.diskFailed, "index.sqlite") }
    let facts = try await RateViews.facts(projection, kinds: RateFigures.kinds)
    let incidents = await desk.allFigures()
    // Counting may take a while in a journal of years, and blocks nobody here.
    return try await NIOThreadPool.singleton.runIfActive { RateFigures(facts: facts, incidents: incidents, month: month).json }
  }

  /// All facts of some kinds, page by page.
  static func facts(_ projection: Projection, kinds: Set<String>) async throws -> [Fact] {
    var all: [Fact] = []
    while true {
      let page = try await projection.facts(FactQuery(kinds: kinds.sorted(), after: all.last?.sequence, limit: 10_000))
      all += page
      if page.count < 10_000 { return all }
    }
  }
}
