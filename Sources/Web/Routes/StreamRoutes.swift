internal import Hub
internal import Hummingbird
internal import Model

enum StreamRoutes {
  private struct List: Encodable { var streams: [StreamView] }

  static func list(_ environment: WebEnvironment) async throws -> Response {
    try .json(List(streams: try await environment.hub.snapshots().map(StreamView.init)))
  }

  static func show(_ name: StreamName, _ environment: WebEnvironment) async throws -> Response {
    guard let snapshot = try await environment.hub.snapshot(of: name) else { throw Fault(.streamUnknown, name.path) }
    return try .json(StreamView(snapshot))
  }

  static func end(_ name: StreamName, _ environment: WebEnvironment) async throws -> Response {
    guard try await environment.hub.snapshot(of: name) != nil else { throw Fault(.streamUnknown, name.path) }
    environment.hub.kick(name, reason: Fault(.streamEnded, "operator"))
    return .json(["stream": .string(name.path), "ended": true])
  }
}
