internal import HTTPTypes
internal import Hummingbird
internal import Model

/// Facts: the newest ones, and all from now on as server-sent events.
struct FactRoutes: RouteGroup {
  private let facts: any FactsSource
  private let events: EventFeed

  init(_ facts: any FactsSource, events: EventFeed) {
    self.facts = facts
    self.events = events
  }

  var routes: [WebRoute] {
    [
      .get("/api/v1/facts", .factsRead) { request, _ in recent(request) },
      .get("/api/v1/events", .factsRead) { try follow($0, $1) },
    ]
  }

  /// The newest facts, `?limit=` of them (at most 1000), oldest first.
  private func recent(_ request: Request) -> Response {
    let asked = request.uri.queryParameters["limit"].flatMap { Int($0) } ?? 100
    return .json(["facts": .array(facts.recent(limit: max(1, min(1000, asked))).map { .object($0.fields) })])
  }

  /// Each fact when it is durable; `?after=SEQ`, or the header that a browser sends when it comes back, repeats what the node still remembers from there.
  private func follow(_ request: Request, _ context: WebContext) throws -> Response {
    let after = request.uri.queryParameters["after"].flatMap { Int64($0) } ?? request.headers[.lastEventID].flatMap { Int64($0) }
    let client = try events.join(address: context.remote, after: after) { [channel = context.channel] in channel.close(promise: nil) }
    let registration = EventRegistration(client, in: events)
    return Response(
      status: .ok, headers: [.contentType: ContentType.events.rawValue, .cacheControl: "no-store"],
      body: ResponseBody { writer in
        try await writer.write(EventText.opening)
        while let event = await registration.client.next() { try await writer.write(event) }
        try await writer.finish(nil)
      })
  }
}

extension HTTPField.Name {
  fileprivate static let lastEventID = HTTPField.Name("Last-Event-ID") ?? .ifMatch
}
