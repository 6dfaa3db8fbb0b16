internal import Cascade
internal import Command
internal import Journal
internal import Measure
internal import Model

/// Brings incidents, attempts and receipts back from earlier runs, and gives the desks each new fact.
struct FeedPart: NodePart {
  let name = "feed"
  let journal: Journal
  let index: Projection
  let uplinks: [Uplink]
  let upper: UpperDesk
  let desk: IncidentDesk
  let connections: ConnectionDesk

  func start() async throws -> Task<Void, Never> {
    // First the feed, then the past: what is written between the two comes twice, and nothing is lost.
    let facts = journal.subscribe(after: nil, buffer: 65_536)
    let past = try await past()
    for uplink in uplinks { uplink.recover(from: past) }
    await desk.recover(from: past)
    await connections.recover(from: past)
    upper.recover(from: past)
    return Task {
      for await fact in facts {
        await desk.take(fact)
        await connections.take(fact)
      }
    }
  }

  func stop(_ feed: Task<Void, Never>) async { feed.cancel() }

  /// What incidents and receipts are made of, from the index rather than the whole journal: a node that has run for months is back as fast as a new one.
  private func past() async throws -> [Fact] {
    guard await index.caughtUp(to: journal.last.sequence) else { throw Fault(.diskFailed, "index.sqlite") }
    let kinds = IncidentFigures.kinds.union([
      FactKind.provinceHeard, FactKind.provinceDecoded, FactKind.receiptSent, FactKind.receiptConfirmed,
      FactKind.connectionRequested, FactKind.connectionMissed,
    ])
    return try await RateViews.facts(index, kinds: kinds)
  }
}
