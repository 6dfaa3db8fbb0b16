import FirstFrameTesting
import Gateway
import Hub
import Logging
import Model
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import RTSPGateway
import Transport

/// A hub with an RTSP gateway on a port of its own, on one loop, as the product runs it.
final class TestGateway: Sendable {
  let group: MultiThreadedEventLoopGroup
  let media: MediaLoops
  let facts: FactList
  let hub: Hub
  let context: RTSPContext
  let server: GatewayListener
  private let ticking: RepeatedTask

  static let logger: Logger = {
    var logger = Logger(label: "test")
    logger.logLevel = .error
    return logger
  }()

  static func start(
    authority: any GatewayAuthority = OpenAuthority(), node: String = "county1", window: Nanoseconds = .milliseconds(400), loops: Int = 1,
    measuring: SessionMeasuring = SessionMeasuring(), settings: RTSPSettings = .test()
  ) async throws -> TestGateway {
    var hubSettings = HubSettings()
    hubSettings.takeoverWindow = window
    let group = MultiThreadedEventLoopGroup(numberOfThreads: loops)
    let facts = FactList()
    let hub = Hub(node: node, settings: hubSettings, clock: SystemClock(), facts: facts, logger: logger)
    let media = try MediaLoops(count: loops)
    let environment = GatewayEnvironment(hub: hub, authority: authority, measuring: measuring, loops: media, logger: logger)
    let context = RTSPContext(settings, environment)
    let server = try RTSPServer.start(context)
    return TestGateway(group: group, media: media, facts: facts, hub: hub, context: context, server: server)
  }

  private init(group: MultiThreadedEventLoopGroup, media: MediaLoops, facts: FactList, hub: Hub, context: RTSPContext, server: GatewayListener) {
    self.group = group
    self.media = media
    self.hub = hub
    self.context = context
    self.server = server
    self.facts = facts
    ticking = group.next().scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in hub.tick() }
  }

  func url(_ name: String, user: String = "") -> String { "rtsp://\(user.isEmpty ? "" : user + "@")127.0.0.1:\(server.port)/\(name)" }

  func stop() async {
    ticking.cancel()
    await server.stop()
    try? await media.shutdownGracefully()
    try? await group.shutdownGracefully()
  }

  /// Runs a body against a gateway and stops it whatever happens.
  static func with<T>(
    authority: any GatewayAuthority = OpenAuthority(), loops: Int = 1, window: Nanoseconds = .milliseconds(400),
    settings: RTSPSettings = .test(), _ body: (TestGateway, Workshop) async throws -> T
  ) async throws -> T {
    let gateway = try await start(authority: authority, window: window, loops: loops, settings: settings)
    do {
      let result = try await body(gateway, Workshop())
      await gateway.stop()
      return result
    } catch {
      await gateway.stop()
      throw error
    }
  }
}

extension RTSPSettings {
  /// Settings on a port that the kernel chooses.
  static func test(_ adjust: (inout RTSPSettings) -> Void = { _ in }) -> RTSPSettings {
    var settings = RTSPSettings()
    settings.port = 0
    adjust(&settings)
    return settings
  }
}
