import Foundation
import Gateway
import Model
import NIOCore
import RTSPGateway
import Testing
import Transport

@Suite("Media that comes before its stream is admitted")
struct AdmissionTests {
  private static let sdp =
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    + "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtkAoD2hAAADAAEAAAMAMg8WLkg=,aMuMsg==\r\na=control:trackID=0\r\n"

  /// One picture in one packet, framed; the first is a key picture.
  private static func frame(_ number: UInt8) -> [UInt8] {
    let packet: [UInt8] = [0x80, 0xE0, 0, number, 0, 0, number, 0, 0, 0, 0, 7, number == 0 ? 0x65 : 0x61, 0x88, 0x84, number]
    return [0x24, 0, 0, UInt8(packet.count)] + packet
  }

  @Test("waits, whichever loop its stream lives on, and nothing of it is lost", arguments: [0, 1])
  func behindRecord(_ skipped: Int) async throws {
    try await TestGateway.with(loops: 2) { gateway, _ in
      // Two loops: the stream lives on its first reader's, the connection on the next one's turn; both meetings are tried.
      for _ in 0..<skipped { _ = gateway.media.next() }
      let collector = try await UnitCollector.on(try #require(StreamName("live/early")), of: gateway)
      let client = try await RawClient.connect(port: gateway.server.port, group: gateway.group)
      let url = gateway.url("live/early")
      _ = try await client.ask("ANNOUNCE", url, cseq: 1, "Content-Type: application/sdp\r\n", body: Self.sdp)
      _ = try await client.ask("SETUP", url + "/trackID=0", cseq: 2, "Transport: RTP/AVP/TCP;unicast;interleaved=0-1;mode=record\r\n")
      let record = Array("RECORD \(url) RTSP/1.0\r\nCSeq: 3\r\n\r\n".utf8)
      let last = Self.frame(9)
      try await client.send(record + (0..<9).flatMap { Self.frame($0) } + last.prefix(7))
      _ = try await client.receive("CSeq: 3\r\n")
      try await client.send(Array(last.dropFirst(7)) + Self.frame(10))
      try await collector.atLeast(10)
      let units = collector.units
      #expect(units.first?.isKey == true)
      #expect(units.prefix(10).map { $0.payload.getBytes(at: $0.payload.writerIndex - 1, length: 1) } == (0..<10).map { [$0] })
      await client.close()
    }
  }

  @Test("is the key frame that a pulled camera sends again", .enabled(if: Program.exists("ffmpeg"), "ffmpeg is not installed"))
  func pulled() async throws {
    try await TestGateway.with { camera, shop in
      let there = try await UnitCollector.on(try #require(StreamName("live/mast")), of: camera)
      let clip = try await shop.clip(.plain)
      async let published = Program.run(
        ["ffmpeg", "-v", "error", "-re", "-i", clip, "-c", "copy", "-f", "rtsp", "-rtsp_transport", "tcp", camera.url("live/mast")],
        folder: shop.folder)
      try await there.atLeast(30)
      let name = try #require(StreamName("tower/north"))
      let county = try await TestGateway.start(loops: 2)
      let puller = try RTSPPuller(RTSPPuller.Source(name: name, url: camera.url("live/mast")), context: county.context)
      let here = try await UnitCollector.on(name, of: county)
      puller.start()
      try await here.atLeast(40)
      _ = try await published
      let (sent, came) = (there.units, here.units)
      #expect(came.first?.isKey == true)
      #expect(came.prefix(40).map(\.payload) == sent.prefix(40).map(\.payload))
      await puller.stop()
      await county.stop()
    }
  }
}
