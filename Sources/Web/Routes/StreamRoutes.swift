internal import Hub
internal import Hummingbird
internal import Model

/// Streams: their state and figures, and the order to end one.
struct StreamRoutes: RouteGroup {
  private struct List: Encodable { var streams: [StreamView] }

  private let streams: any StreamsSource

  init(_ streams: any StreamsSource) { self.streams = streams }

  var routes: [WebRoute] {
    [
      .get("/api/v1/streams", .streamsRead) { [streams] _, _ in
        try .json(List(streams: try await streams.snapshots().map(StreamView.init)))
      },
      .get("/api/v1/streams/{name}", .streamsRead, tail: true) { _, context in
        try .json(StreamView(try await found(context)))
      },
      .delete("/api/v1/streams/{name}", .streamsManage, tail: true) { [streams] _, context in
        let name = try await found(context).name
        streams.kick(name, reason: Fault(.streamEnded, "operator"))
        return .json(["stream": .string(name.path), "ended": true])
      },
    ]
  }

  private func found(_ context: WebContext) async throws -> StreamSnapshot {
    let name = try context.streamName()
    guard let snapshot = try await streams.snapshot(of: name) else { throw Fault(.streamUnknown, name.path) }
    return snapshot
  }
}
