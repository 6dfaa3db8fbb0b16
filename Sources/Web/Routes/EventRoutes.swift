internal import HTTPTypes
internal import Hummingbird
internal import Journal
internal import Model
internal import NIOCore

/// Facts as server-sent events, as they become durable; `?after=SEQ` replays what the node still remembers from there.
enum EventRoutes {
  static func stream(_ request: Request, _ environment: WebEnvironment) -> Response {
    let after = request.uri.queryParameters["after"].flatMap { Int64($0) } ?? request.headers[.lastEventID].flatMap { Int64($0) }
    let facts = environment.journal.subscribe(after: after)
    var headers = HTTPFields()
    headers[.contentType] = "text/event-stream; charset=utf-8"
    headers[.cacheControl] = "no-store"
    return Response(
      status: .ok, headers: headers,
      body: ResponseBody { writer in
        try await writer.write(ByteBuffer(string: "retry: 2000\n\n"))
        for await event in merged(facts) {
          switch event {
          case .fact(let fact):
            try await writer.write(
              ByteBuffer(string: "id: \(fact.sequence)\nevent: \(fact.kind)\ndata: \(JSON.object(fact.fields).text)\n\n"))
          case .beat: try await writer.write(ByteBuffer(string: ": beat\n\n"))
          }
        }
        try await writer.finish(nil)
      })
  }

  private enum Event: Sendable {
    case fact(Fact)
    /// Every ten seconds: shows a dead connection at both ends.
    case beat
  }

  private static func merged(_ facts: AsyncStream<Fact>) -> AsyncStream<Event> {
    AsyncStream { continuation in
      let reading = Task {
        for await fact in facts { continuation.yield(.fact(fact)) }
        continuation.finish()
      }
      let beating = Task {
        while !Task.isCancelled {
          try await Task.sleep(for: .seconds(10))
          continuation.yield(.beat)
        }
      }
      continuation.onTermination = { _ in
        reading.cancel()
        beating.cancel()
      }
    }
  }
}

extension HTTPField.Name {
  fileprivate static let lastEventID = HTTPField.Name("Last-Event-ID") ?? .ifMatch
}
