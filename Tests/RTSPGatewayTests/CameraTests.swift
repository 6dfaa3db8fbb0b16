import FirstFrameTesting
import Gateway
import Hub
import Model
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import RTSPGateway
import Testing
import Wire

@Suite("Cameras as they are", .serialized)
struct CameraTests {
  private static let name = StreamName("tower/north")

  /// Pulls a made-up camera while `body` looks at it.
  private func pull(
    _ url: String, redirects: [String] = [], on county: TestGateway, _ body: (UnitCollector) async throws -> Void
  ) async throws {
    let name = try #require(Self.name)
    let collector = try await UnitCollector.on(name, of: county)
    let puller = try RTSPPuller(RTSPPuller.Source(name: name, url: url, redirects: redirects), context: county.context)
    puller.start()
    do { try await body(collector) } catch {
      await puller.stop()
      throw error
    }
    await puller.stop()
  }

  @Test("a keep-alive that is refused, or never answered, ends nothing while pictures come", arguments: [454, 551, nil] as [Int?])
  func keepAlive(refusal: Int?) async throws {
    try await TestGateway.with(settings: .test { $0.handshakeDeadline = .seconds(1) }) { county, _ in
      let isKept = NIOLockedValueBox(false)
      let camera = try await MadeUpCamera.start(group: county.group, timeout: 4) { request, _ in
        if request.method == .play { isKept.withLockedValue { $0 = true } }
        guard request.method == .getParameter || (request.method == .options && isKept.withLockedValue { $0 }) else { return .usual }
        return refusal.map { .other(RTSPResponse(RTSPStatus($0))) } ?? .silence
      }
      try await pull(camera.url(), on: county) { collector in
        try await camera.received(.getParameter, 2, on: county.group.next())
        let units = collector.units.count
        try await collector.atLeast(units + 5)
        // They took turns: GET_PARAMETER, OPTIONS, GET_PARAMETER.
        #expect(camera.requests.map(\.method).suffix(3) == [.getParameter, .options, .getParameter])
        #expect(camera.connections == 1)
        #expect(county.facts.all(FactKind.pullFailed).isEmpty && collector.interruptions == 0)
      }
      await camera.stop()
    }
  }

  @Test("a camera that hangs up upon GET_PARAMETER is kept alive by OPTIONS from then on")
  func hangsUp() async throws {
    try await TestGateway.with { county, _ in
      let camera = try await MadeUpCamera.start(group: county.group, timeout: 2) { request, _ in
        request.method == .getParameter ? .hangUp : .usual
      }
      try await pull(camera.url(), on: county) { _ in
        // One OPTIONS begins each of the two sessions.
        try await camera.received(.options, 4, on: county.group.next())
        #expect(camera.connections == 2 && camera.requests.count { $0.method == .getParameter } == 1)
      }
      await camera.stop()
    }
  }

  @Test("pictures that stop while sound goes on: the session is torn down, the cause is a fact, and the camera is asked anew")
  func stopped() async throws {
    try await TestGateway.with(settings: .test { $0.pullSilence = .seconds(1) }) { county, _ in
      let camera = try await MadeUpCamera.start(group: county.group, hasSound: true) { request, camera in
        if request.method == .play { camera.sendsPictures.withLockedValue { $0 = true } }
        return .usual
      }
      try await pull(camera.url(), on: county) { collector in
        try await collector.atLeast(5)
        camera.sendsPictures.withLockedValue { $0 = false }
        try await camera.received(.play, 2, on: county.group.next())
        #expect(camera.requests.contains { $0.method == .teardown })
        let fact = try #require(county.facts.all(FactKind.pullFailed).first)
        #expect(fact["code"]?.stringValue == FaultCode.picturesStopped.rawValue)
        #expect(fact["origin"]?.stringValue == "device")
        let units = collector.units.count
        try await collector.atLeast(units + 5)
        #expect(collector.units.suffix(5).contains { $0.track == 0 })
      }
      await camera.stop()
    }
  }

  /// Asks for a Digest answer by SHA-256.
  private static func guarded(_ request: RTSPRequest) -> MadeUpCamera.Answer {
    var challenge = DigestChallenge(realm: "IP Camera(GH455)", nonce: "9f2c", offersAuth: true)
    challenge.algorithm = "SHA-256"
    if case .digest(let fields) = RTSPCredentials(authorization: request.headers["Authorization"]), let count = fields.nonceCount,
      let right = DigestAuthentication.answer(
        challenge, user: "admin", password: "pw1", method: request.method, uri: fields.uri, clientNonce: fields.clientNonce ?? "",
        count: UInt32(count, radix: 16) ?? 0), right.response == fields.response
    {
      return .usual
    }
    return .other(RTSPResponse(.unauthorized, headers: ["WWW-Authenticate": "Basic realm=\"x\", " + challenge.text]))
  }

  @Test("a redirection to another port of the host is followed, and the camera there is told the password by SHA-256, never in the open")
  func redirected() async throws {
    try await TestGateway.with { county, _ in
      let real = try await MadeUpCamera.start(group: county.group) { request, _ in Self.guarded(request) }
      let location = real.url()
      let gate = try await MadeUpCamera.start(group: county.group) { request, _ in
        request.method == .describe ? .other(RTSPResponse(.movedTemporarily, headers: ["Location": location])) : .usual
      }
      try await pull(gate.url("admin:pw1@"), on: county) { collector in
        try await collector.atLeast(5)
        #expect(gate.connections == 1 && real.connections == 1)
        #expect(real.requests.allSatisfy { $0.headers["Authorization"]?.hasPrefix("Basic") != true })
        #expect(real.requests.last?.headers["Authorization"]?.contains("algorithm=SHA-256") == true)
      }
      await gate.stop()
      await real.stop()
    }
  }

  @Test("a redirection to another host is a fault and nobody there is asked, until that host is listed")
  func otherHost() async throws {
    try await TestGateway.with { county, _ in
      let real = try await MadeUpCamera.start(group: county.group)
      let location = real.url(host: "localhost")
      let gate = try await MadeUpCamera.start(group: county.group) { request, _ in
        request.method == .describe ? .other(RTSPResponse(.movedPermanently, headers: ["Location": location])) : .usual
      }
      try await pull(gate.url("admin:pw1@"), redirects: ["localhost:1"], on: county) { _ in
        try await gate.received(.describe, 2, on: county.group.next())
        let fact = try #require(county.facts.all(FactKind.pullFailed).first)
        #expect(fact["code"]?.stringValue == FaultCode.redirectRefused.rawValue)
        #expect(fact["detail"]?.stringValue?.contains("localhost") == true)
        #expect(real.connections == 0)
      }
      try await pull(gate.url(), redirects: ["localhost"], on: county) { collector in try await collector.atLeast(5) }
      await gate.stop()
      await real.stop()
    }
  }

  /// Picture `index`, in one packet.
  private static func picture(_ index: Int, ssrc: UInt8 = 77, to target: SocketAddress) -> AddressedEnvelope<ByteBuffer> {
    var bytes = ByteBuffer(bytes: [0x80, 0xE0])
    bytes.writeInteger(UInt16(truncatingIfNeeded: index))
    bytes.writeInteger(UInt32(truncatingIfNeeded: index) &* 3600)
    bytes.writeBytes([0, 0, 0, ssrc, 0x65, 0x88] + [UInt8](repeating: 0x84, count: 60))
    return AddressedEnvelope(remoteAddress: target, data: bytes)
  }

  /// Announces a stream that comes by UDP from a port.
  /// - Returns: where its packets go.
  private func announce(_ client: RawClient, _ url: String, from port: Int) async throws -> SocketAddress {
    let sdp =
      "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
      + "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtkAoD2hAAADAAEAAAMAMg8WLkg=,aMuMsg==\r\na=control:trackID=0\r\n"
    _ = try await client.ask("ANNOUNCE", url, cseq: 1, "Content-Type: application/sdp\r\n", body: sdp)
    let answer = try await client.ask(
      "SETUP", url + "/trackID=0", cseq: 2, "Transport: RTP/AVP;unicast;client_port=\(port)-\(port + 1);mode=record\r\n")
    _ = try await client.ask("RECORD", url, cseq: 3)
    let target = try #require(answer.split(separator: "server_port=").last?.split(separator: "-").first.flatMap { Int($0) })
    return try SocketAddress(ipAddress: "127.0.0.1", port: target)
  }

  @Test("a device whose UDP port moves is followed, and not a picture is lost; the stranger who sends meanwhile is nobody")
  func portMoves() async throws {
    try await TestGateway.with { gateway, _ in
      let name = try #require(Self.name)
      let collector = try await UnitCollector.on(name, of: gateway)
      let loop = gateway.group.next()
      var sockets: [any Channel] = []
      for _ in 0..<3 { sockets.append(try await DatagramBootstrap(group: loop).bind(host: "127.0.0.1", port: 0).get()) }
      let client = try await RawClient.connect(port: gateway.server.port, group: gateway.group)
      let target = try await announce(client, gateway.url("tower/north"), from: sockets[0].localAddress?.port ?? 0)
      for index in 0..<10 { try await sockets[0].writeAndFlush(Self.picture(index, to: target)) }
      try await collector.atLeast(9)
      let (moved, stranger) = (sockets[1], sockets[2])
      let sent = NIOLockedValueBox(10)
      let sending = loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(30)) { _ in
        let index = sent.withLockedValue { index in
          defer { index += 1 }
          return index
        }
        stranger.writeAndFlush(Self.picture(index, ssrc: 78, to: target), promise: nil)
        moved.writeAndFlush(Self.picture(index, to: target), promise: nil)
      }
      try await collector.atLeast(40)
      sending.cancel()
      let times = collector.units.map { Int($0.pts.value - (collector.units.first?.pts.value ?? 0)) / 3600 }
      #expect(times == Array(0..<times.count))
      #expect(collector.units.allSatisfy { !$0.flags.contains(.damaged) })
      #expect(try await gateway.hub.snapshot(of: name)?.condition == .live)
      for socket in sockets { try await socket.close() }
    }
  }
}
