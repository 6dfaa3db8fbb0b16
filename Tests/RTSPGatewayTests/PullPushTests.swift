import FirstFrameTesting
import Foundation
import Gateway
import Hub
import Measure
import Model
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import RTSPGateway
import Testing

@Suite("Pulling and pushing", .enabled(if: Program.exists("ffmpeg"), "ffmpeg is not installed"), .serialized)
struct PullPushTests {
  @Test("a camera is pulled over TCP, and over UDP when it refuses TCP", arguments: [true, false])
  func pull(_ cameraAllowsTCP: Bool) async throws {
    try await TestGateway.with(authority: OneUser("admin", "abc123"), settings: .test { $0.allowsTCP = cameraAllowsTCP }) { camera, shop in
      let county = try await TestGateway.start()
      let clip = try await shop.clip(.sound)
      let source = try await shop.pictures(["-i", clip])
      let name = try #require(StreamName("tower/north"))
      let puller = try RTSPPuller(
        RTSPPuller.Source(name: name, url: camera.url("Streaming/Channels/101", user: "admin:abc123")), context: county.context)
      let collector = try await UnitCollector.on(name, of: county)
      async let read = shop.pictures(["-rtsp_transport", "tcp", "-i", county.url("tower/north")])
      puller.start()
      let way = cameraAllowsTCP ? "tcp" : "udp"
      let published = try await Program.run(
        [
          "ffmpeg", "-v", "error", "-re", "-i", clip, "-c", "copy", "-f", "rtsp", "-rtsp_transport", way,
          camera.url("Streaming/Channels/101", user: "admin:abc123"),
        ], folder: shop.folder)
      #expect(published.status == 0, "\(published.errors)")
      #expect(try await read == source)
      #expect(collector.descriptions.first?.mediaProtocol == (cameraAllowsTCP ? .rtspTCP : .rtspUDP))
      await puller.stop()
      await county.stop()
    }
  }

  @Test("a camera that is not there is a fact, told once")
  func absent() async throws {
    try await TestGateway.with { county, _ in
      let name = try #require(StreamName("tower/south"))
      let free = try await TestGateway.start()
      let port = free.server.port
      await free.stop()
      let puller = try RTSPPuller(RTSPPuller.Source(name: name, url: "rtsp://u:geheim@127.0.0.1:\(port)/x"), context: county.context)
      puller.start()
      // The second try comes after about a second; both fail alike.
      try await county.group.next().scheduleTask(in: .milliseconds(2500)) {}.futureResult.get()
      await puller.stop()
      let facts = county.facts.all(FactKind.pullFailed)
      #expect(facts.count == 1)
      #expect(facts.first?["code"]?.stringValue == FaultCode.pullFailed.rawValue)
      #expect(facts.first?["url"]?.stringValue?.contains("geheim") == false)
    }
  }

  @Test(
    "a pushed stream keeps its units' ids and origin, and E6 comes before each key unit",
    arguments: [Workshop.Kind.plain, .reordered, .sound])
  func push(_ kind: Workshop.Kind) async throws {
    try await TestGateway.with { county, shop in
      let ahead: Int64 = 8_640_000_000_000_000
      let closed = county.group.next().makePromise(of: QualityWindow.self)
      let measuring = SessionMeasuring(
        windowClosed: { closed.succeed($0) },
        senderClock: { $0.path == "county1/live/cam1" ? ClockDistance(low: ahead - 1000, high: ahead) : nil })
      let province = try await TestGateway.start(
        authority: OpenAuthority(trustsNodes: true), node: "province", measuring: measuring)
      let clip = try await shop.clip(kind)
      let source = try await shop.pictures(["-i", clip])
      let name = try #require(StreamName("live/cam1"))
      let upper = try #require(StreamName("county1/live/cam1"))
      let sent = try await UnitCollector.on(name, of: county)
      let received = try await UnitCollector.on(upper, of: province)
      let keys = NIOLockedValueBox<[(AccessUnitID, BootTime)]>([])
      var options = RTSPPusher.Options(url: province.url("county1/live/cam1"))
      options.tellsUnitIDs = true
      options.beforeKeyUnit = { unit, at in keys.withLockedValue { $0.append((unit.id, at)) } }
      let pusher = try RTSPPusher(name, options: options, context: county.context)
      pusher.start()
      async let read = shop.pictures(["-rtsp_transport", "tcp", "-i", province.url("county1/live/cam1")])
      async let hop = hopWhileItRuns(name, county, upper, province)
      let published = try await Program.run(
        ["ffmpeg", "-v", "error", "-re", "-i", clip, "-c", "copy", "-f", "rtsp", "-rtsp_transport", "tcp", county.url("live/cam1")],
        folder: shop.folder)
      #expect(published.status == 0, "\(published.errors)")
      #expect(try await read == source)
      // Both ends of the hop count the same packets: what one has sent the other expects, but for what was under way between two looks.
      let (sender, receiver) = try await hop
      #expect(sender.method == .tcp && sender.hop == .centre && receiver.hop == .centre)
      #expect(sender.roundTripMethod == "tcp-info" && receiver.roundTripMethod == "tcp-info")
      #expect(receiver.packetsLost == 0 && receiver.packetsExpected >= sender.packetsSent ?? .max)
      #expect(receiver.packetsExpected <= (sender.packetsSent ?? 0) + 30)
      let mine = sent.units.filter { $0.track == 0 }
      let theirs = received.units.filter { $0.track == 0 }
      #expect(theirs.map(\.id) == mine.map(\.id))
      #expect(theirs.allSatisfy { $0.id.origin.node == "county1" && $0.id.origin.path == name })
      let told = keys.withLockedValue { $0 }
      #expect(told.map(\.0) == mine.filter(\.isKey).map(\.id))
      for (id, at) in told {
        let arrival = try #require(received.units.first { $0.id == id }?.firstArrival)
        #expect(at < arrival)
      }
      await pusher.stop()
      // Both clocks are one here: what the packets tell of E6 is the pusher's own, and the distance is what the test says it is.
      let window = try await closed.futureResult.get()
      let took = told.compactMap { id, at in received.units.first { $0.id == id }.map { ($0.arrival - at).value + ahead } }
      #expect(window.oneWayDelayHigh == Quantiles(took) && window.oneWayDelayLow == Quantiles(took.map { $0 - 1000 }))
      await province.stop()
    }
  }

  /// The hop's figures at the lower node and a moment later at the upper one, once both know a round trip.
  private func hopWhileItRuns(
    _ name: StreamName, _ county: TestGateway, _ upper: StreamName, _ province: TestGateway
  ) async throws -> (OutboundQuality, InboundQuality) {
    for _ in 0..<1000 {
      let sender = try await county.hub.snapshot(of: name)?.readers.first { $0.outbound.hop == .centre }?.outbound
      let receiver = try await province.hub.snapshot(of: upper)?.inbound
      if let sender, let receiver, sender.roundTripMilliseconds != nil, receiver.roundTripMilliseconds != nil, receiver.packetsExpected > 20,
        receiver.packetsExpected >= sender.packetsSent ?? .max
      {
        return (sender, receiver)
      }
      try await county.group.next().scheduleTask(in: .milliseconds(10)) {}.futureResult.get()
    }
    throw Fault(.rtspTimeout, "no figures of the hop in ten seconds")
  }

  @Test("a stream that came as units is read by RTSP, B pictures too", arguments: [Workshop.Kind.reordered, .h265, .sound])
  func units(_ kind: Workshop.Kind) async throws {
    try await TestGateway.with { gateway, shop in
      let clip = try await shop.clip(kind)
      let source = try await shop.pictures(["-i", clip])
      let name = try #require(StreamName("live/rtp"))
      let collector = try await UnitCollector.on(name, of: gateway)
      let published = try await Program.run(
        ["ffmpeg", "-v", "error", "-re", "-i", clip, "-c", "copy", "-f", "rtsp", "-rtsp_transport", "tcp", gateway.url("live/rtp")],
        folder: shop.folder)
      #expect(published.status == 0, "\(published.errors)")
      let tracks = try #require(collector.descriptions.last?.tracks)
      let again = try #require(StreamName("live/units"))
      let publication = try await UnitPublisher.publish(again, tracks: tracks, on: gateway)
      let units = collector.units
      async let read = shop.pictures(["-rtsp_transport", "tcp", "-i", gateway.url("live/units")])
      for unit in units { publication.post(MediaBatch(units: [unit], arrival: unit.arrival)) }
      // Its readers come while it lives: the cache has the whole clip.
      let reader = try #require(try await gateway.hub.description(of: again, until: .now() + .seconds(5), on: gateway.group.next()).get())
      #expect(reader.rtpPayloads.isEmpty)
      let timer = gateway.group.next().scheduleTask(in: .seconds(4)) { publication.finish(Fault(.streamEnded)) }
      #expect(try await read == source)
      timer.cancel()
    }
  }
}
