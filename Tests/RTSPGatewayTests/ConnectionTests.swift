import FirstFrameTesting
import Foundation
import Gateway
import Hub
import Model
import NIOCore
import RTSPGateway
import Testing

@Suite("Connections that behave badly", .serialized)
struct ConnectionTests {
  private static let sdp =
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:trackID=0\r\n"

  @Test("one that says nothing is closed at the handshake's deadline")
  func silent() async throws {
    try await TestGateway.with(settings: .test { $0.handshakeDeadline = .seconds(1) }) { gateway, _ in
      let client = try await RawClient.connect(port: gateway.server.port, group: gateway.group)
      try await client.closed()
    }
  }

  @Test("one that trickles a request is closed at the handshake's deadline")
  func trickling() async throws {
    try await TestGateway.with(settings: .test { $0.handshakeDeadline = .seconds(1) }) { gateway, _ in
      let client = try await RawClient.connect(port: gateway.server.port, group: gateway.group)
      let trickle = client.channel.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(100)) {
        [channel = client.channel] _ in
        channel.writeAndFlush(ByteBuffer(string: "O"), promise: nil)
      }
      try await client.closed()
      trickle.cancel()
    }
  }

  @Test("one beyond the limit is closed, the others go on")
  func tooMany() async throws {
    try await TestGateway.with(settings: .test { $0.maximumConnections = 2 }) { gateway, _ in
      let first = try await RawClient.connect(port: gateway.server.port, group: gateway.group)
      let second = try await RawClient.connect(port: gateway.server.port, group: gateway.group)
      _ = try await second.ask("OPTIONS", "*", cseq: 1)
      let third = try await RawClient.connect(port: gateway.server.port, group: gateway.group)
      try await third.closed()
      #expect(try await first.ask("OPTIONS", "*", cseq: 1).contains("200 OK"))
      #expect(gateway.server.connectionCount == 2)
    }
  }

  @Test("bytes that are no RTSP get an answer and an end")
  func garbage() async throws {
    try await TestGateway.with { gateway, _ in
      let client = try await RawClient.connect(port: gateway.server.port, group: gateway.group)
      try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
      let answer = try await client.receive("\r\n\r\n")
      #expect(answer.hasPrefix("RTSP/1.0 400"))
      try await client.closed()
    }
  }

  @Test("DESCRIBE of a stream that never comes is answered 404 after the wait")
  func unknown() async throws {
    try await TestGateway.with(settings: .test { $0.describeWait = .milliseconds(200) }) { gateway, _ in
      let client = try await RawClient.connect(port: gateway.server.port, group: gateway.group)
      #expect(try await client.ask("DESCRIBE", gateway.url("live/nobody"), cseq: 2).contains("404 Not Found"))
    }
  }

  @Test("a publisher that falls silent is ended, and its stream told interrupted")
  func halfOpen() async throws {
    try await TestGateway.with(settings: .test { $0.sessionTimeout = .seconds(1) }) { gateway, _ in
      let client = try await RawClient.connect(port: gateway.server.port, group: gateway.group)
      let url = gateway.url("live/dead")
      _ = try await client.ask("ANNOUNCE", url, cseq: 1, "Content-Type: application/sdp\r\n", body: Self.sdp)
      _ = try await client.ask("SETUP", url + "/trackID=0", cseq: 2, "Transport: RTP/AVP/TCP;unicast;interleaved=0-1;mode=record\r\n")
      #expect(try await client.ask("RECORD", url, cseq: 3).contains("CSeq: 3"))
      try await client.closed()
      let fact = try #require(gateway.facts.all(FactKind.streamInterrupted).first)
      #expect(fact["cause"]?.stringValue == FaultCode.rtspTimeout.rawValue)
    }
  }

  @Test("a UDP session gets a pair of ports within the range, and another session another pair")
  func ports() async throws {
    try await TestGateway.with(settings: .test { $0.rtpPorts = 41_000...41_007 }) { gateway, _ in
      var seen: Set<String> = []
      for index in 0..<2 {
        let client = try await RawClient.connect(port: gateway.server.port, group: gateway.group)
        let url = gateway.url("live/udp\(index)")
        _ = try await client.ask("ANNOUNCE", url, cseq: 1, "Content-Type: application/sdp\r\n", body: Self.sdp)
        let answer = try await client.ask(
          "SETUP", url + "/trackID=0", cseq: 2, "Transport: RTP/AVP;unicast;client_port=50000-50001;mode=record\r\n")
        let ports = try #require(answer.split(separator: "server_port=").last?.split(whereSeparator: { $0 == ";" || $0 == "\r\n" }).first)
        let numbers = ports.split(separator: "-").compactMap { Int($0) }
        #expect(numbers.count == 2 && numbers[0] % 2 == 0 && numbers[1] == numbers[0] + 1 && (41_000...41_006).contains(numbers[0]))
        seen.insert(String(ports))
      }
      #expect(seen.count == 2)
    }
  }
}
