internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import Model
public import NIOCore

/// The one HTTP port: API, events, metrics, pages.
public struct WebServer: Sendable {
  private let environment: WebEnvironment
  private let host: String
  private let port: Int
  /// A connection that asks nothing, or leaves a request unfinished, for so long is closed; answers may take longer (events).
  private static let idleTimeout = TimeAmount.seconds(10)

  public init(_ environment: WebEnvironment, host: String, port: Int) {
    self.environment = environment
    self.host = host
    self.port = port
  }

  /// Serves until the task is cancelled. `bound` gets the port. Throws ``FaultCode/portInUse``.
  public func run(on group: any EventLoopGroup, bound: @escaping @Sendable (Int) -> Void) async throws {
    var application = Application(
      router: makeRouter(), server: .http1(configuration: .init(idleTimeout: WebServer.idleTimeout)),
      configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: "FirstFrame"),
      onServerRunning: { channel in bound(channel.localAddress?.port ?? 0) },
      eventLoopGroupProvider: .shared(group), logger: environment.logger)
    // Its own log tells of each connection that a shutdown cut; failures of requests are logged by the fault middleware.
    application.logger.logLevel = .critical
    do {
      try await application.run()
    } catch is CancellationError {
      return
    } catch let error as IOError where error.errnoCode == 98 {
      throw Fault(.portInUse, "http \(host):\(port)")
    }
  }

  func makeRouter() -> Router<WebContext> {
    let router = Router(context: WebContext.self)
    router.add(middleware: FaultMiddleware(logger: environment.logger))
    for route in WebRoutes.all {
      let environment = environment
      router.on(route.routerPath, method: route.method) { request, context -> Response in
        let bearer = request.headers[.authorization].flatMap { $0.lowercased().hasPrefix("bearer ") ? String($0.dropFirst(7)) : nil }
        if case .failure(let fault) = environment.authorise(route.permission, bearer, context.remote) { throw fault }
        return try await route.handle(request, context, environment)
      }
    }
    return router
  }
}
