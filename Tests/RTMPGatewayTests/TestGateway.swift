import Access
import FirstFrameTesting
import Foundation
import Gateway
import Hub
import Logging
import Model
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import RTMPGateway
import Transport
import Wire

/// Lets in who has the key `secret`.
struct OneKey: GatewayAuthority {
  func decide(_ request: AccessRequest) -> AccessDecision {
    switch request.credentials {
    case .none: .refused(Fault(.credentialsMissing))
    case .token("secret"): .allowed(AccessGrant(keyName: "crew"))
    default: .refused(Fault(.credentialsWrong))
    }
  }
}

/// Lets everybody in and tells who came to read.
final class ReaderWatch: GatewayAuthority {
  private let readers = AsyncStream.makeStream(of: StreamName.self)

  func decide(_ request: AccessRequest) -> AccessDecision {
    if request.action == .read { readers.continuation.yield(request.stream) }
    return .allowed(AccessGrant())
  }

  /// Returns once a player came; its subscription is made before any later connection is heard.
  func readerCame() async { for await _ in readers.stream { return } }
}

/// A hub and an RTMP port of their own.
struct TestGateway {
  let group: MultiThreadedEventLoopGroup
  let media: MediaLoops
  let hub: Hub
  let facts: FactList
  let server: GatewayListener

  /// What a test's gateway differs in.
  struct Options {
    var settings = RTMPSettings()
    var hub = HubSettings()
    var threads = 1
    var authority: any GatewayAuthority = OpenAuthority()

    init(_ change: (inout Options) -> Void = { _ in }) {
      settings.port = 0
      hub.takeoverWindow = .milliseconds(300)
      change(&self)
    }
  }

  static func with(_ options: Options = Options(), _ body: (TestGateway) async throws -> Void) async throws {
    let facts = FactList()
    let group = MultiThreadedEventLoopGroup(numberOfThreads: options.threads)
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let hub = Hub(node: "here", settings: options.hub, clock: SystemClock(), facts: facts, logger: logger)
    let media = try MediaLoops(count: options.threads)
    let environment = GatewayEnvironment(hub: hub, authority: options.authority, loops: media, logger: logger)
    let server = try RTMPServer.start(options.settings, environment)
    let gateway = TestGateway(group: group, media: media, hub: hub, facts: facts, server: server)
    do {
      try await body(gateway)
      await server.stop()
      try await media.shutdownGracefully()
      try await group.shutdownGracefully()
    } catch {
      await server.stop()
      try await media.shutdownGracefully()
      try await group.shutdownGracefully()
      throw error
    }
  }

  func address(_ name: String, query: String = "") -> String { "rtmp://127.0.0.1:\(server.port)/\(name)\(query)" }
  func url(_ name: String, query: String = "") throws -> RTMPURL { try RTMPURL(address(name, query: query)) }

  func push(_ name: String, query: String = "", tracks: [Track] = Pictures.tracks) async throws -> RTMPPusher {
    try await RTMPPusher.connect(try url(name, query: query), tracks: tracks, on: media)
  }

  /// Sends the first picture alone and waits until it came out: a player begins with the newest key picture of what one read brought.
  func begin(_ pusher: RTMPPusher, _ player: Player) async throws {
    try await pusher.send([Pictures.unit(0)])
    _ = await player.numbers(1)
  }

  func play(_ name: String, query: String = "") async throws -> Player { try await Player.connect(try url(name, query: query), on: group) }
}

/// H.264 units that look right from outside: real parameter sets, slices of noise.
enum Pictures {
  private static let mark: UInt32 = 0x8000_8000
  static let sps: [UInt8] = [
    0x67, 0x42, 0xC0, 0x1F, 0xD9, 0x00, 0x50, 0x05, 0xBB, 0x01, 0x6A, 0x02, 0x02, 0x02, 0x80, 0x00, 0x00, 0x03, 0x00, 0x80, 0x00, 0x00,
    0x19, 0x07, 0x8C, 0x19, 0x24,
  ]
  static let pps: [UInt8] = [0x68, 0xCB, 0x83, 0xCB, 0x20]
  static let tracks = [Track(index: 0, codec: .h264, clockRate: 1000, parameters: .h264(sps: [sps], pps: [pps]))]
  static let origin = UnitOrigin(node: "device", path: StreamName("live/x")!)

  /// Picture `number` of a 25 Hz stream, a key picture every ten; `size` bytes of slice, the number in front.
  static func unit(_ number: Int, size: Int = 500) -> AccessUnit {
    var payload = ByteBuffer()
    payload.writeInteger(UInt32(size + 5))
    payload.writeInteger(UInt8(number % 10 == 0 ? 0x65 : 0x41))
    // Bits besides, so that no number looks like a start code, which no NAL unit holds.
    payload.writeInteger(UInt32(number) | Pictures.mark)
    payload.writeRepeatingByte(UInt8(truncatingIfNeeded: number), count: size)
    let time = MediaTime(value: Int64(number) * 40, timescale: 1000)
    return AccessUnit(
      id: AccessUnitID(origin: origin, epoch: 0, number: UInt64(number)), track: 0, pts: time, dts: time,
      firstArrival: BootTime(nanoseconds: 0), arrival: BootTime(nanoseconds: 0), flags: number % 10 == 0 ? [.key, .clean] : .clean,
      payload: payload)
  }

  static func units(_ numbers: Range<Int>, size: Int = 500) -> [AccessUnit] { numbers.map { unit($0, size: size) } }

  /// The number written into a unit.
  static func number(_ unit: AccessUnit) -> Int? {
    unit.payload.getInteger(at: unit.payload.readerIndex + 5, as: UInt32.self).map { Int($0 & ~mark) }
  }
}
