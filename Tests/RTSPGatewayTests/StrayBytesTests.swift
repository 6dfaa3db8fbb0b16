import FirstFrameTesting
import Gateway
import Hub
import Model
import NIOCore
import RTSPGateway
import Testing

@Suite("Stray bytes between frames", .serialized)
struct StrayBytesTests {
  private static let sdp =
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    + "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtkAoD2hAAADAAEAAAMAMg8WLkg=,aMuMsg==\r\na=control:trackID=0\r\n"

  private static func frame(_ number: UInt16) -> [UInt8] {
    var packet = ByteBuffer(bytes: [0x80, 0xE0])
    packet.writeInteger(number)
    packet.writeInteger(UInt32(number) * 3600)
    packet.writeInteger(UInt32(7))
    packet.writeBytes([number == 0 ? 0x65 : 0x61, 0x88, 0x84])
    packet.writeRepeatingByte(UInt8(truncatingIfNeeded: number), count: 40)
    var frame = ByteBuffer(bytes: [0x24, 0, 0, UInt8(packet.readableBytes)])
    frame.writeBuffer(&packet)
    return Array(buffer: frame)
  }

  private static func publish(_ gateway: TestGateway, _ name: String) async throws -> RawClient {
    let client = try await RawClient.connect(port: gateway.server.port, group: gateway.group)
    let url = gateway.url(name)
    _ = try await client.ask("ANNOUNCE", url, cseq: 1, "Content-Type: application/sdp\r\n", body: sdp)
    _ = try await client.ask("SETUP", url + "/trackID=0", cseq: 2, "Transport: RTP/AVP/TCP;unicast;interleaved=0-1;mode=record\r\n")
    _ = try await client.ask("RECORD", url, cseq: 3)
    return client
  }

  private static let junk: [UInt8] = (0..<300).map { (index: Int) -> UInt8 in UInt8((index * 37 + 11) % 251) }

  private static let strays: [[UInt8]] = [
    junk, [0x00], Array("HTTP/1.1 200 OK\r\n\r\n".utf8), Array("HELLO this is no request\r\n\r\n".utf8), Array(frame(7).dropFirst(4)),
    [0x24, 9, 0, 3, 1, 2, 3, 4, 5], [0x24, 0, 0, 9, 0x13, 1, 2], [13, 10, 13, 10, 0x80, 0x60, 1], [UInt8](repeating: 0x41, count: 60_000),
  ]

  @Test(
    "a publisher stays, and loses no picture, whatever lies between two of its frames",
    arguments: StrayBytesTests.strays)
  func kept(stray: [UInt8]) async throws {
    try await TestGateway.with { gateway, _ in
      let name = try #require(StreamName("live/dirty"))
      let collector = try await UnitCollector.on(name, of: gateway)
      let client = try await StrayBytesTests.publish(gateway, "live/dirty")
      // In one write, and byte after byte.
      for number in 0..<30 as Range<UInt16> {
        try await client.send(StrayBytesTests.frame(number))
        if number % 10 == 5 { try await client.send(stray) }
      }
      var rest = StrayBytesTests.frame(30)
      rest += stray
      for number in 31..<34 as Range<UInt16> { rest += StrayBytesTests.frame(number) }
      for byte in rest.prefix(2000) { try await client.send([byte]) }
      if rest.count > 2000 { try await client.send(Array(rest.dropFirst(2000))) }
      #expect(try await client.ask("OPTIONS", gateway.url("live/dirty"), cseq: 9).contains("200 OK"))
      // Of the stray frame of a known channel that is no RTP, what it says of its length may cover the beginning of the next.
      let least = stray.starts(with: [0x24, 0]) ? 26 : 34
      try await collector.atLeast(least)
      #expect(collector.interruptions == 0)
      let repairs = try #require(try await gateway.hub.snapshot(of: name)?.repairs)
      #expect(repairs.strayRuns >= 3 || stray.starts(with: [0x24, 0]))
      if stray == StrayBytesTests.junk { #expect(repairs.strayRuns == 4 && repairs.strayBytes == 1200) }
      await client.close()
    }
  }

  @Test("a publisher that sends nothing but stray bytes is ended")
  func bounded() async throws {
    try await TestGateway.with { gateway, _ in
      let client = try await StrayBytesTests.publish(gateway, "live/noise")
      try await client.send(StrayBytesTests.frame(0))
      for _ in 0..<40 { try? await client.send([UInt8](repeating: 0x99, count: 10_000)) }
      try await client.closed()
    }
  }

  @Test("a peer that sends no pictures is answered and ended as before")
  func noPublisher() async throws {
    try await TestGateway.with { gateway, _ in
      let client = try await RawClient.connect(port: gateway.server.port, group: gateway.group)
      try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
      try await client.closed()
    }
  }
}
