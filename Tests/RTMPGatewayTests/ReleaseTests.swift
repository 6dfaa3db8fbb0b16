import FirstFrameTesting
import Gateway
import Hub
import Logging
import Model
import NIOCore
import Testing
import Transport
import Wire

@testable import RTMPGateway

@Suite("RTMP's connections are let go", .timeLimit(.minutes(1)))
struct ReleaseTests {
  /// How the clients leave.
  enum Ending: CaseIterable { case clients, gateway, operators }

  @Test("a publisher's and a player's connection end with their sockets, whoever ends them", arguments: Ending.allCases)
  func released(_ ending: Ending) async throws {
    let list = WeakList()
    try await TestGateway.with { gateway in
      let environment = GatewayEnvironment(
        hub: gateway.hub, authority: OpenAuthority(), loops: gateway.media, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      var settings = RTMPSettings()
      settings.port = 0
      let (kept, listening) = (settings, MediaListener.Settings(name: "RTMP", host: "127.0.0.1", port: 0, maximumConnections: 9, queueLimit: 4 << 20))
      let listener = try GatewayListener(listening, environment) { connection in
        let made = RTMPConnection(connection, kept, environment)
        list.add(connection)
        list.add(made)
        return made
      }
      let url = try RTMPURL("rtmp://127.0.0.1:\(listener.port)/live/cam1")
      let player = try await Player.connect(url, on: gateway.group)
      let pusher = try await RTMPPusher.connect(url, tracks: Pictures.tracks, on: gateway.media)
      try await gateway.begin(pusher, player)
      #expect(list.alive.count == 4)
      switch ending {
      case .clients:
        await pusher.finish()
        await player.close()
      case .gateway: break
      case .operators:
        gateway.hub.kick(try #require(StreamName("live/cam1")), reason: Fault(.accessDenied, "by order"))
        _ = await pusher.closed()
        await player.close()
      }
      await listener.stop()
      // What the closing gave the loops to do.
      for _ in 0..<8 { for loop in gateway.media.loops { try await loop.submit {}.get() } }
      #expect(list.alive == [])
    }
  }
}
