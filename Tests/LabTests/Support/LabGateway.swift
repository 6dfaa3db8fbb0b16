import FirstFrameTesting
import Gateway
import Glibc
import Hub
import Logging
import Measure
import Model
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import RTSPGateway
import Transport

/// The product's receiving path inside the centre's namespace: RTSP server, media loop, hub, session measuring, as `firstframe serve` puts
/// them together.
final class LabGateway: Sendable {
  let notebook: Notebook
  private let group: MultiThreadedEventLoopGroup
  private let media: MediaLoops
  private let hub: Hub
  private let server: GatewayListener
  private let ticking: RepeatedTask

  var port: UInt16 { server.port }

  /// - Parameters:
  ///   - namespace: which the gateway's one event loop enters: every socket it makes is there.
  ///   - senderClock: how far the clocks of nodes in the field lie from the centre's; nil for cameras.
  static func start(in namespace: LabNamespace, frameRateMilli: Int64, senderClock: ClockDistance? = nil) async throws -> LabGateway {
    var logger = Logger(label: "lab")
    logger.logLevel = .error
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let media = try MediaLoops(count: 1)
    let loop = media.next()
    try await loop.submit { try namespace.enter() }.get()
    let notebook = Notebook(loop: loop)
    let hub = Hub(node: "centre", clock: SystemClock(), facts: FactList(), logger: logger)
    let measuring = SessionMeasuring(
      samples: notebook, registeredFrameRateMilli: { _ in frameRateMilli }, windowClosed: { notebook.add($0) }, senderClock: { _ in senderClock })
    var settings = RTSPSettings()
    settings.host = NetworkLab.centreAddress
    settings.port = 0
    let environment = GatewayEnvironment(
      hub: hub, authority: OpenAuthority(trustsNodes: senderClock != nil), measuring: measuring, loops: media, logger: logger)
    let context = RTSPContext(settings, environment)
    let server = try await loop.submit { try RTSPServer.start(context) }.get()
    return LabGateway(group: group, media: media, hub: hub, server: server, notebook: notebook)
  }

  private init(group: MultiThreadedEventLoopGroup, media: MediaLoops, hub: Hub, server: GatewayListener, notebook: Notebook) {
    self.group = group
    self.media = media
    self.hub = hub
    self.server = server
    self.notebook = notebook
    ticking = group.next().scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in hub.tick() }
  }

  /// Until the session's last window has been told.
  func sessionClosed() async throws {
    let timeout = group.next().scheduleTask(in: .seconds(20)) { self.notebook.closed.fail(LabTrouble("the session does not close")) }
    defer { timeout.cancel() }
    try await notebook.closed.futureResult.get()
  }

  func stop() async {
    ticking.cancel()
    await server.stop()
    notebook.closed.succeed()
    try? await media.shutdownGracefully()
    try? await group.shutdownGracefully()
  }
}
