internal import Hummingbird
internal import Model
internal import NIOCore
internal import NIOPosix

/// Files of the data folder that a browser may see, by plain names only.
struct FileRoutes: RouteGroup {
  private static let limit = 16 << 20

  let dataFolder: String

  var routes: [WebRoute] {
    [
      .get("/api/v1/snapshots/{file}", .incidentsRead) { _, context in
        let name = try context.text("file")
        guard name.hasSuffix(".jpg") else { throw Fault(.notFound, name) }
        return .bytes(try await read("snapshots", name), type: .jpeg)
      },
      .get("/api/v1/receipts/{file}", .incidentsRead) { _, context in
        let name = try context.text("file")
        return .bytes(try await read("receipts", name), type: name.hasSuffix(".json") ? .receipt : name.hasSuffix(".pem") ? .pem : .binary)
      },
    ]
  }

  /// Throws ``FaultCode/notFound`` for a name with a slash, `..`, and everything else that is no plain name.
  private func read(_ folder: String, _ name: String) async throws -> ByteBuffer {
    guard StreamName.isSegment(name) else { throw Fault(.notFound, name) }
    let path = "\(dataFolder)/\(folder)/\(name)"
    let bytes = try await NIOThreadPool.singleton.runIfActive { try Disk.read(path, limit: FileRoutes.limit) }
    guard let bytes else { throw Fault(.notFound, name) }
    return ByteBuffer(bytes: bytes)
  }
}
