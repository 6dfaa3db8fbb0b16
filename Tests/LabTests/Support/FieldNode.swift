import FirstFrameTesting
import Gateway
import Glibc
import Hub
import Logging
import Measure
import Model
import NIOConcurrencyHelpers
import NIOCore
import RTSPGateway
import Transport

/// A node of ours in the field that films by itself and pushes its stream up as a county does, telling when key units leave; by UDP instead of TCP, so that
/// the log sees each packet.
final class FieldNode: Sendable {
  private let loops: MediaLoops
  private let loop: MediaLoop
  private let context: RTSPContext
  private let pusher: RTSPPusher
  private let publication: Publication
  private let connected: EventLoopPromise<Void>
  private let keys = NIOLockedValueBox<[BootTime]>([])

  /// E6 of each key unit, in order.
  var left: [BootTime] { keys.withLockedValue { $0 } }

  /// - Parameter namespace: which the node's one event loop enters: every socket it makes is there.
  static func start(in namespace: LabNamespace, port: UInt16) async throws -> FieldNode {
    let loops = try MediaLoops(count: 1)
    try await loops.next().submit { try namespace.enter() }.get()
    return try await FieldNode(loops, port)
  }

  private init(_ loops: MediaLoops, _ port: UInt16) async throws {
    self.loops = loops
    let loop = loops.nextLoop()
    self.loop = loop
    let connected = loop.makePromise(of: Void.self)
    self.connected = connected
    var logger = Logger(label: "field")
    logger.logLevel = .error
    let hub = Hub(node: "field", clock: SystemClock(), facts: FactList(), logger: logger)
    context = RTSPContext(RTSPSettings(), GatewayEnvironment(hub: hub, authority: OpenAuthority(), loops: loops, logger: logger))
    guard let name = StreamName("live/cam1") else { throw LabTrouble("no name") }
    let track = Track(
      index: 0, codec: .h264, clockRate: 90_000,
      parameters: .h264(
        sps: [[0x67, 0x42, 0xC0, 0x1E, 0xD9, 0x00, 0xA0, 0x47, 0xFE, 0xC8]], pps: [[0x68, 0xCE, 0x3C, 0x80]]))
    var options = RTSPPusher.Options(url: "rtsp://\(NetworkLab.centreAddress):\(port)/field/live/cam1")
    options.tellsUnitIDs = true
    options.usesUDP = true
    options.turned = { if case .connected = $0 { connected.succeed() } else { connected.fail(LabTrouble("\($0)")) } }
    let keys = keys
    options.beforeKeyUnit = { _, at in keys.withLockedValue { $0.append(at) } }
    pusher = try RTSPPusher(name, options: options, context: context, loop: loop)
    let source = Source()
    publication = try await hub.publish(
      PublishRequest(
        name: name, tracks: [track], mediaProtocol: .rtmp, remoteAddress: "lens", sharedClock: true, loop: loop, source: source)
    ).get()
  }

  private final class Source: PublicationSource {
    func close(_ reason: Fault) {}
    func requestKeyframe(track: UInt8) {}
    func tick(at now: BootTime) {}
    func inboundQuality(at now: BootTime) -> InboundQuality? { nil }
  }

  /// Films so many pictures at 25 a second, every tenth a key picture of 20 kB, and says goodbye once all must have arrived.
  func film(_ count: Int, patience: TimeAmount) async throws {
    pusher.start()
    try await connected.futureResult.get()
    let done = loop.makePromise(of: Void.self)
    let next = NIOLockedValueBox(0)
    let (publication, loop) = (publication, loop)
    loop.scheduleRepeatedTask(initialDelay: .milliseconds(200), delay: .milliseconds(40)) { task in
      let number = next.withLockedValue { number in
        defer { number += 1 }
        return number
      }
      guard number < count else {
        task.cancel()
        _ = loop.scheduleTask(in: patience) { done.succeed() }
        return
      }
      publication.post(FieldNode.picture(number, publication))
    }
    try await done.futureResult.get()
    await pusher.stop()
  }

  private static func picture(_ number: Int, _ publication: Publication) -> MediaBatch {
    let isKey = number % 10 == 0
    let length = isKey ? 20_000 : 4000
    var payload = ByteBuffer()
    payload.writeInteger(UInt32(length))
    payload.writeInteger(UInt8(isKey ? 0x65 : 0x41))
    payload.writeInteger(UInt8(0x88))
    payload.writeRepeatingByte(UInt8(truncatingIfNeeded: number | 1), count: length - 2)
    let now = SystemClock().bootTime()
    let unit = AccessUnit(
      id: AccessUnitID(origin: publication.origin, epoch: publication.epoch, number: UInt64(number)), track: 0,
      pts: MediaTime(value: Int64(number) * 3600, timescale: 90_000), firstArrival: now, arrival: now,
      flags: isKey ? [.key, .clean] : [.clean], payload: payload)
    return MediaBatch(units: [unit], arrival: now)
  }

  func stop() async {
    publication.finish(Fault(.streamEnded))
    try? await loops.shutdownGracefully()
  }
}
