internal import Hummingbird
internal import Model

/// What was recorded of a stream.
struct ArchiveRoutes: RouteGroup {
  private let archive: any ArchiveSource

  init(_ archive: any ArchiveSource) { self.archive = archive }

  var routes: [WebRoute] {
    [
      .get("/api/v1/archive/{name}", .archiveRead, tail: true) { [archive] request, context in
        .json(
          try await archive.recording(
            of: try context.streamName(), from: try ArchiveRoutes.time("from", request), to: try ArchiveRoutes.time("to", request)))
      }
    ]
  }

  /// `?from=`, `?to=`: RFC 3339; nil where the request has none.
  private static func time(_ name: String, _ request: Request) throws(Fault) -> WallTime? {
    guard let text = request.uri.queryParameters[name[...]] else { return nil }
    guard let time = WallTime(String(text)) else { throw Fault(.requestInvalid, "\(name) \(text.prefix(40))") }
    return time
  }
}
