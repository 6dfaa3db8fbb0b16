internal import Model
internal import NIOCore
internal import Web

/// The API and the pages.
struct WebPart: NodePart {
  struct Serving: Sendable {
    let port: Int
    fileprivate let server: Task<Void, any Error>
  }

  let name = "web"
  let settings: WebSettings
  let environment: WebEnvironment
  let group: any EventLoopGroup

  func start() async throws -> Serving {
    let server = WebServer(environment, host: settings.host, port: Int(settings.port))
    let (bound, binding) = AsyncThrowingStream<Int, any Error>.makeStream()
    let running = Task {
      do {
        try await server.run(on: group) { binding.yield($0) }
        binding.finish()
      } catch {
        binding.finish(throwing: error)
        throw error
      }
    }
    for try await port in bound { return Serving(port: port, server: running) }
    throw Fault(.portInUse, "http \(settings.host):\(settings.port)")
  }

  func stop(_ serving: Serving) async {
    serving.server.cancel()
    _ = await serving.server.result
  }

  func awaitEnd(_ serving: Serving) async throws {
    try await withTaskCancellationHandler {
      try await serving.server.value
    } onCancel: {
      serving.server.cancel()
    }
  }
}
