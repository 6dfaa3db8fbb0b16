import FirstFrameTesting
import Gateway
import Hub
import Model
import NIOConcurrencyHelpers
import NIOCore
import RTPMedia
import Testing
import Transport
import Wire

@testable import RTSPGateway

@Suite("RTSP's connections are let go", .timeLimit(.minutes(1)), .serialized)
struct ReleaseTests {
  /// How the sessions end.
  enum Ending: CaseIterable { case clients, gateway, operators }

  /// Real parameter sets: a node describes a stream only once it understands them.
  private let track = Track(
    index: 0, codec: .h264, clockRate: 90_000,
    parameters: .h264(
      sps: [
        [
          0x67, 0x42, 0xC0, 0x1F, 0xD9, 0x00, 0x50, 0x05, 0xBB, 0x01, 0x6A, 0x02, 0x02, 0x02, 0x80, 0x00, 0x00, 0x03, 0x00, 0x80, 0x00, 0x00,
          0x19, 0x07, 0x8C, 0x19, 0x24,
        ]
      ], pps: [[0x68, 0xCB, 0x83, 0xCB, 0x20]]))

  @Test(
    "connections, sessions, sinks and UDP sockets of publishers and readers end with their connection, whoever ends it",
    arguments: [false, true], Ending.allCases)
  func released(usesUDP: Bool, _ ending: Ending) async throws {
    let (objects, servers) = (WeakList(), NIOLockedValueBox<[RTSPServerConnection]>([]))
    try await TestGateway.with { device, _ in
      let node = try await TestGateway.start(settings: .test { $0.allowsTCP = !usesUDP })
      let listener = try listen(node, objects, servers)
      let (name, back) = (try #require(StreamName("live/cam1")), try #require(StreamName("live/back")))
      let publication = try await UnitPublisher.publish(name, tracks: [track], on: device)
      let filming = device.media.next().scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(40)) { [self] _ in
        publication.post(MediaBatch(units: [picture(publication)], arrival: SystemClock().bootTime()))
      }
      var options = RTSPPusher.Options(url: "rtsp://127.0.0.1:\(listener.port)/live/cam1")
      options.usesUDP = usesUDP
      let pusher = try RTSPPusher(name, options: options, context: device.context)
      let puller = try RTSPPuller(
        RTSPPuller.Source(name: back, url: "rtsp://127.0.0.1:\(listener.port)/live/cam1"), context: device.context)
      let received = try await UnitCollector.on(back, of: device)
      pusher.start()
      puller.start()
      try await received.atLeast(3)
      #expect(received.descriptions.first?.mediaProtocol == (usesUDP ? .rtspUDP : .rtspTCP))
      try await look(at: servers, into: objects, on: node)

      #expect(
        Set(objects.alive).isSuperset(of: ["RTSPServerConnection", "RTSPPublisher", "PublisherSession<RTPReception>", "RTSPSink", "ReaderSession"]))
      #expect(objects.alive.contains("DatagramSocket") == usesUDP)
      if ending == .operators { node.hub.kick(name, reason: Fault(.accessDenied, "by order")) }
      if ending == .gateway { await listener.stop() }
      await pusher.stop()
      await puller.stop()
      filming.cancel()
      publication.finish(Fault(.streamEnded))
      await listener.stop()
      for _ in 0..<8 { for loop in node.media.loops + device.media.loops { try await loop.submit {}.get() } }
      #expect(objects.alive == [])
      await node.stop()
    }
  }

  private func listen(
    _ node: TestGateway, _ objects: WeakList, _ servers: NIOLockedValueBox<[RTSPServerConnection]>
  ) throws -> GatewayListener {
    let settings = MediaListener.Settings(name: "RTSP", host: "127.0.0.1", port: 0, maximumConnections: 9, queueLimit: 4 << 20)
    return try GatewayListener(settings, node.context.environment) { connection in
      let framing = RTSPFraming(connection)
      let server = RTSPServerConnection(node.context, framing)
      framing.delegate = server
      for object in [connection, framing, server] as [AnyObject] { objects.add(object) }
      servers.withLockedValue { $0.append(server) }
      return framing
    }
  }

  /// Remembers what the connections hold, and lets the connections go.
  private func look(
    at servers: NIOLockedValueBox<[RTSPServerConnection]>, into objects: WeakList, on node: TestGateway
  ) async throws {
    let all = servers.withLockedValue { $0 }
    servers.withLockedValue { $0 = [] }
    try await node.media.loops[0].submit {
      for server in all {
        let mirror = Mirror(reflecting: server)
        let publisher = mirror.descendant("publisher") as? RTSPPublisher
        objects.add(publisher)
        objects.add(publisher.flatMap { Mirror(reflecting: $0).descendant("session") as? RTPPublisher })
        objects.add(mirror.descendant("reader") as? ReaderSession)
        objects.add(mirror.descendant("sink") as? RTSPSink)
        for pair in (mirror.descendant("pairs") as? [Int: DatagramSocketPair] ?? [:]).values {
          objects.add(pair.rtp)
          objects.add(pair.rtcp)
        }
      }
    }.get()
  }

  /// A key picture that is taken now.
  private func picture(_ publication: Publication) -> AccessUnit {
    let now = SystemClock().bootTime()
    return AccessUnit(
      id: AccessUnitID(origin: publication.origin, epoch: publication.epoch, number: UInt64(clamping: now.nanoseconds)), track: 0,
      pts: MediaTime(value: now.nanoseconds / 11_111, timescale: 90_000), firstArrival: now, arrival: now, flags: [.key, .clean],
      payload: ByteBuffer(bytes: [0, 0, 0, 4, 0x65, 0x88, 0x84, 0x21]))
  }
}
