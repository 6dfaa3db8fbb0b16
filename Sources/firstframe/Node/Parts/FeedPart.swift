internal import Journal
internal import Logging
internal import Model

/// Brings incidents, attempts and receipts back from earlier runs, and gives each consumer the facts of its kinds and a tick a second.
struct FeedPart: NodePart {
  let name = "feed"
  let journal: Journal
  let index: Projection
  /// In the order in which they recover.
  let consumers: [any FactConsumer]
  let clock: any NodeClock
  let logger: Logger

  func start() async throws -> FactFeed {
    let feed = try await FactFeed(journal, index, consumers: consumers, clock: clock, logger: logger)
    feed.start()
    return feed
  }

  func stop(_ feed: FactFeed) async { feed.stop() }
}
