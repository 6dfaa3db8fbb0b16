/// A client's place in the feed, for as long as its answer exists: also an answer that is never written gives it back.
final class EventRegistration: Sendable {
  let client: EventClient
  private let feed: EventFeed

  init(_ client: EventClient, in feed: EventFeed) {
    self.client = client
    self.feed = feed
  }

  deinit { feed.leave(client) }
}
