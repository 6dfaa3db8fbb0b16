internal import HTTPTypes
internal import Hummingbird
internal import Logging
public import Model
public import NIOCore
internal import NIOPosix

/// The one HTTP port: API, events, metrics, pages.
public struct WebServer: Sendable {
  private let environment: WebEnvironment
  private let host: String
  private let port: Int
  private let events: EventFeed
  private let book: ConnectionBook?
  /// A connection that asks nothing, or leaves a request unfinished, for so long is closed; answers may take longer (events).
  private static let idleTimeout = TimeAmount.seconds(10)

  /// - Parameter port: 0 takes one that is free.
  public init(_ environment: WebEnvironment, host: String, port: Int) {
    self.environment = environment
    self.host = host
    self.port = port
    book = environment.admission.map { ConnectionBook($0) }
    events = EventFeed(environment.facts, limits: environment.eventLimits)
  }

  /// Where the files of the pages lie. Blocks. Throws ``FaultCode/packageMissing`` when they are not there.
  public static func pagesFolder() throws(Fault) -> String { try AssetStore.locate() }

  /// What clients of the event stream cost now.
  var eventFigures: EventFeed.Figures { events.figures }

  func routes(_ assets: AssetStore) -> [WebRoute] { WebRoutes(environment, assets: assets, events: events).routes }

  /// Serves until the task is cancelled. Throws ``FaultCode/portInUse``, or ``FaultCode/packageMissing`` without the files of its pages.
  /// - Parameter bound: called once with the port, when it is open.
  public func run(on group: any EventLoopGroup, bound: @escaping @Sendable (Int) -> Void) async throws {
    let assets = try await NIOThreadPool.singleton.runIfActive { try AssetStore.load() }
    let router = makeRouter(routes(assets))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { await events.run() }
      try await serve(router, on: group, bound: bound)
      tasks.cancelAll()
    }
  }

  private func serve(_ router: Router<WebContext>, on group: any EventLoopGroup, bound: @escaping @Sendable (Int) -> Void) async throws {
    let book = book
    var application = Application(
      router: router,
      server: .http1(configuration: .init(additionalChannelHandlers: [ConnectionSetUp(book)], idleTimeout: WebServer.idleTimeout)),
      configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: "FirstFrame"),
      onServerRunning: { channel in bound(channel.localAddress?.port ?? 0) },
      eventLoopGroupProvider: .shared(group), logger: environment.logger)
    // Its own log has a line for each connection that a shutdown cut; failures of requests are logged by the fault middleware.
    application.logger.logLevel = .critical
    do {
      try await application.run()
    } catch is CancellationError {
      return
    } catch let error as IOError where error.errnoCode == 98 {
      throw Fault(.portInUse, "http \(host):\(port)")
    }
  }

  private func makeRouter(_ routes: [WebRoute]) -> Router<WebContext> {
    let router = Router(context: WebContext.self)
    router.add(middleware: SecurityHeaders())
    router.add(middleware: FaultMiddleware(logger: environment.logger))
    let (authority, book) = (environment.authority, book)
    let site = environment.ownHosts.map { SiteCheck(hosts: $0) }
    for route in routes {
      router.on(route.routerPath, method: route.method) { request, context -> Response in
        if route.permission != .none { try site?.check(request) }
        if case .failure(let fault) = authority.authorise(route.permission, bearer: request.bearer, remote: context.remote) { throw fault }
        if route.permission != .none { book?.known(context.channel) }
        return try await route.handle(request, context)
      }
    }
    return router
  }
}

extension Request {
  /// The access key of `Authorization: Bearer KEY`; nil without one (RFC 6750, section 2.1).
  fileprivate var bearer: String? {
    headers[.authorization].flatMap { $0.lowercased().hasPrefix("bearer ") ? String($0.dropFirst(7)) : nil }
  }
}
