public import Model
internal import NIOCore

/// What the room holds at most, from the constants that it works with (`docs/limits.md`).
public enum WebBounds {
  /// Each once.
  public static let all: [Bound] = [
    Bound("http.body", WebContext.largestBody, .bytes, a: "request", beyond: "answered 413"),
    Bound("http.bodyTime", Int(RequestDeadline.bodyTime.nanoseconds / 1_000_000_000), .seconds, a: "request", beyond: "the connection is closed"),
    Bound("events.clients", EventLimits().clients, .connections, a: "node", beyond: "answered 429"),
    Bound("events.clientsOfAddress", EventLimits().clientsPerAddress, .connections, a: "source", beyond: "answered 429"),
    Bound(
      "events.queue", EventLimits().queuedEvents, .entries, a: "connection", beyond: "the connection is closed; it comes back with its last number"),
    Bound("events.queueBytes", EventLimits().queuedBytes, .bytes, a: "connection", beyond: "the same; the bytes are shared by all clients"),
    Bound(
      "events.unread", 2 * Int(EventLimits().beat.components.seconds), .seconds, a: "connection", beyond: "a client that reads nothing is closed"),
    Bound("events.subscription", EventFeed.subscriptionFacts, .entries, a: "node", beyond: "the oldest go, which clients see by the numbers"),
  ]
}
