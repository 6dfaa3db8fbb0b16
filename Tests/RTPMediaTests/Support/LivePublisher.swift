import FirstFrameTesting
import Gateway
import Hub
import Logging
import Measure
import Model
import NIOConcurrencyHelpers
import NIOCore
import RTPMedia
import Transport
import Wire

/// A live RTP publisher session on a loop of its own, and a reader that keeps its packets.
///
/// `@unchecked Sendable`: session and batch are touched on the loop only.
final class LivePublisher: @unchecked Sendable {
  let loops: MediaLoops
  let hub: Hub
  let clock = HandClock()
  let reader: PacketKeeper
  private(set) var session: RTPPublisher
  private var batch = DatagramBatch(tracks: 1)

  private init(_ loops: MediaLoops, _ hub: Hub, _ session: RTPPublisher, _ reader: PacketKeeper) {
    self.loops = loops
    self.hub = hub
    self.session = session
    self.reader = reader
  }

  static func with(_ body: (LivePublisher) async throws -> Void) async throws {
    let loops = try MediaLoops(count: 1)
    let ends = try SocketPair.make()
    do {
      try await body(try await make(loops, ends.near))
      SocketPair.close(ends.far)
      try await loops.shutdownGracefully()
    } catch {
      SocketPair.close(ends.far)
      try await loops.shutdownGracefully()
      throw error
    }
  }

  private static func make(_ loops: MediaLoops, _ descriptor: CInt) async throws -> LivePublisher {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let hub = Hub(node: "here", clock: HandClock(), facts: FactList(), logger: logger)
    let environment = GatewayEnvironment(hub: hub, authority: OpenAuthority(), loops: loops, logger: logger)
    let loop = loops.nextLoop()
    let reader = PacketKeeper(loop)
    _ = try await hub.subscribe(reader, to: Packets.name, form: .rtp { RTPPacketisation($0) }).get()
    let made = NIOLockedValueBox<LivePublisher?>(nil)
    let channel = MediaChannel.adopt(descriptor, on: loop, queueLimit: 1000) { channel in
      let connection = try GatewayConnection.attach(channel, environment) { _ in NoDelegate() }
      let payload = RTPPayloadDescription.canonical(for: Packets.track)
      var plan = PublisherPlan(name: Packets.name, mediaProtocol: .rtspUDP, grant: AccessGrant())
      plan.rtpPayloads = [payload]
      let intake = RTPReception(ReceptionPlan(tracks: [Packets.track], payloads: [payload], reorders: true))
      let session = RTPPublisher(plan, intake: intake, connection: connection, environment: environment, transport: NoTransport())
      session.ask()
      made.withLockedValue { $0 = LivePublisher(loops, hub, session, reader) }
    }
    try await channel.eventLoop.submit {}.get()
    guard let publisher = made.withLockedValue({ $0 }) else { throw Fault(.transportUnsupported, "no connection") }
    return publisher
  }

  func on<T: Sendable>(_ body: @escaping @Sendable (RTPPublisher) throws -> T) async throws -> T {
    try await reader.loop.submit { [self] in try body(session) }.get()
  }

  /// The datagrams of one round, each arriving a millisecond after the one before.
  func round(_ packets: [[UInt8]], at now: BootTime) async throws {
    try await reader.loop.submit { [self] in
      for (index, packet) in packets.enumerated() {
        packet.withUnsafeBytes { batch.receive($0, track: 0, arrival: now + .milliseconds(Int64(index)), into: session) }
      }
      batch.post(to: session, at: now)
    }.get()
  }
}

/// Keeps the packets that it is given.
final class PacketKeeper: StreamReader {
  private let deliveries = NIOLockedValueBox<[(bytes: ByteBuffer, arrival: BootTime)]>([])
  let loop: any EventLoop

  init(_ loop: any EventLoop) { self.loop = loop }

  /// Sequence numbers of each delivery.
  var numbers: [[UInt16]] { deliveries.withLockedValue { $0.map { Packets.numbers($0.bytes) } } }
  var arrivals: [BootTime] { deliveries.withLockedValue { $0.map(\.arrival) } }

  func streamStarted(_ description: StreamDescription) {}
  func receive(_ delivery: Delivery) { deliveries.withLockedValue { $0.append((delivery.copy, delivery.arrival)) } }
  func streamInterrupted(at: BootTime) {}
  func streamEnded(_ reason: Fault) {}
}

extension Delivery {
  /// Its bytes, which are the socket's or the cache's, for later.
  fileprivate var copy: ByteBuffer { ByteBuffer(bytes: bytes.readableBytesView) }
}

private final class NoDelegate: ConnectionDelegate {
  func received(_ bytes: inout ByteBuffer) {}
  func tick(at now: BootTime) {}
  func closed(_ error: (any Error)?) {}
}

private final class NoTransport: PublisherTransport {
  func end(_ fault: Fault) {}
}
