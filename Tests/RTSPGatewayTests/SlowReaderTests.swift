import Foundation
import Gateway
import Hub
import Measure
import Model
import NIOCore
import RTSPGateway
import Testing

@Suite("A slow reader", .enabled(if: Program.exists("ffmpeg"), "ffmpeg is not installed"), .serialized)
struct SlowReaderTests {
  @Test("loses whole stretches up to a key frame, and nobody else loses anything")
  func slow() async throws {
    try await TestGateway.with(settings: .test { $0.readerQueueBytes = 64 << 10 }) { gateway, shop in
      // Noise at 25 fps with a key frame every ten: far more than the slow reader's buffers hold.
      let clip = shop.path("noise.mp4")
      let made = try await Program.run(
        [
          "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "nullsrc=s=640x360:r=25,geq=random(1)*255:128:128", "-t", "3", "-c:v", "libx264",
          "-preset",
          "ultrafast", "-tune", "zerolatency", "-g", "10", "-b:v", "20M", "-pix_fmt", "yuv420p", "-y", clip,
        ], folder: shop.folder)
      #expect(made.status == 0, "\(made.errors)")
      let url = gateway.url("live/heavy")
      let name = try #require(StreamName("live/heavy"))
      let collector = try await UnitCollector.on(name, of: gateway)
      async let healthy = shop.pictures(["-rtsp_transport", "tcp", "-i", url])
      let publisher = try Program(
        ["ffmpeg", "-v", "error", "-re", "-i", clip, "-c", "copy", "-f", "rtsp", "-rtsp_transport", "tcp", url], folder: shop.folder)
      try await collector.atLeast(2)
      let slow = try await RawClient.connect(port: gateway.server.port, group: gateway.group, receiveRoom: 4096)
      _ = try await slow.ask("DESCRIBE", url, cseq: 1)
      _ = try await slow.ask("SETUP", url + "/trackID=0", cseq: 2, "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n")
      try await slow.stopReading()
      try await slow.send("PLAY \(url) RTSP/1.0\r\nCSeq: 3\r\n\r\n")
      try await collector.atLeast(70)
      let snapshot = try #require(try await gateway.hub.snapshot(of: name))
      let reader = try #require(snapshot.readers.first { $0.outbound.framesDropped > 0 })
      #expect(reader.outbound.dropEpisodes >= 1)
      #expect(reader.outbound.framesDropped + reader.outbound.framesSent <= 75)
      #expect(snapshot.readers.filter { $0.outbound.framesDropped > 0 }.count == 1)
      await slow.close()
      #expect(await publisher.end().status == 0)
      #expect(try await healthy == shop.pictures(["-i", clip]))
    }
  }
}
