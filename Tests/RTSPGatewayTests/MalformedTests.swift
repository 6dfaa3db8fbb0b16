import FirstFrameTesting
import Foundation
import Gateway
import Model
import NIOCore
import NIOPosix
import RTSPGateway
import Testing

@Suite("Malformed input", .enabled(if: Program.exists("ffmpeg"), "ffmpeg is not installed"), .serialized)
struct MalformedTests {
  /// A whole publishing conversation, pipelined, with a second of H.264 and RTCP inside.
  private static func conversation(_ name: String) -> [UInt8] {
    let url = "rtsp://127.0.0.1/\(name)"
    let sdp =
      "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
      + "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtkAoD2hAAADAAEAAAMAMg8WLkg=,aMuMsg==\r\na=control:trackID=0\r\n"
    var bytes = Array("OPTIONS \(url) RTSP/1.0\r\nCSeq: 1\r\n\r\n".utf8)
    bytes += Array(
      "ANNOUNCE \(url) RTSP/1.0\r\nCSeq: 2\r\nContent-Type: application/sdp\r\nContent-Length: \(sdp.utf8.count)\r\n\r\n\(sdp)".utf8)
    bytes += Array("SETUP \(url)/trackID=0 RTSP/1.0\r\nCSeq: 3\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1;mode=record\r\n\r\n".utf8)
    bytes += Array("RECORD \(url) RTSP/1.0\r\nCSeq: 4\r\n\r\n".utf8)
    for number in 0..<40 as Range<UInt16> {
      let nal: [UInt8] =
        switch number % 5 {
        case 0: [number % 10 == 0 ? 0x65 : 0x61, 0x88, 0x84]
        case 1: [0x7C, 0x81, 0x9A]
        case 4: [0x7C, 0x41, 0x9A]
        default: [0x7C, 0x01, 0x9A]
        }
      let packet: [UInt8] =
        [0x80, 0x60 | (number % 5 == 4 ? 0x80 : 0), UInt8(number >> 8), UInt8(number & 255), 0, 0, UInt8(number / 5), 0, 0, 0, 0, 7] + nal
        + [UInt8](repeating: UInt8(number), count: 40)
      bytes += [0x24, 0, 0, UInt8(packet.count)] + packet
      if number % 16 == 7 { bytes += [0x24, 1, 0, 28, 0x80, 200, 0, 6] + [UInt8](repeating: 3, count: 24) }
    }
    return bytes + Array("TEARDOWN \(url) RTSP/1.0\r\nCSeq: 5\r\n\r\n".utf8)
  }

  @Test("300 broken conversations neither stop the gateway nor cost a neighbour a picture")
  func neighbours() async throws {
    try await TestGateway.with { gateway, shop in
      let clip = try await shop.clip(.plain)
      let name = try #require(StreamName("live/healthy"))
      let collector = try await UnitCollector.on(name, of: gateway)
      let publisher = try Program(
        [
          "ffmpeg", "-v", "error", "-re", "-stream_loop", "2", "-i", clip, "-c", "copy", "-f", "rtsp", "-rtsp_transport", "tcp",
          gateway.url("live/healthy"),
        ], folder: shop.folder)
      try await collector.atLeast(1)
      var mutator = Mutator(seed: 20_261_122)
      let other = Self.conversation("live/other")
      for index in 0..<300 {
        let client = try await RawClient.connect(port: gateway.server.port, group: gateway.group)
        try? await client.send(mutator.mutate(Self.conversation("live/bad\(index)"), with: other))
        await client.close()
      }
      let client = try await RawClient.connect(port: gateway.server.port, group: gateway.group)
      #expect(try await client.ask("OPTIONS", "*", cseq: 1).contains("200 OK"))
      #expect(await publisher.end().status == 0)
      try await collector.atLeast(3 * Workshop.frames)
      #expect(collector.units.count == 3 * Workshop.frames)
      #expect(collector.units.allSatisfy { !$0.flags.contains(.damaged) })
    }
  }

  @Test("the unbroken conversation publishes its units")
  func whole() async throws {
    try await TestGateway.with { gateway, _ in
      let name = try #require(StreamName("live/whole"))
      let collector = try await UnitCollector.on(name, of: gateway)
      let client = try await RawClient.connect(port: gateway.server.port, group: gateway.group)
      try await client.send(Self.conversation("live/whole"))
      _ = try await client.receive("CSeq: 5\r\n")
      try await collector.atLeast(8)
      #expect(collector.units.count == 8)
      #expect(collector.units.first?.isKey == true)
    }
  }
}
