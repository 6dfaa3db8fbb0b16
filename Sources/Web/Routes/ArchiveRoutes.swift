internal import Hummingbird

/// What was recorded of a stream.
struct ArchiveRoutes: RouteGroup {
  private let archive: any ArchiveSource

  init(_ archive: any ArchiveSource) { self.archive = archive }

  var routes: [WebRoute] {
    [
      .get("/api/v1/archive/{name}", .archiveRead, tail: true) { [archive] _, context in
        .json(try await archive.recording(of: try context.streamName()))
      }
    ]
  }
}
