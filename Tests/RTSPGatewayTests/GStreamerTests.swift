import Foundation
import RTSPGateway
import Testing

/// GStreamer's client reads what ffmpeg published.
@Suite(
  "rtspsrc reads from the gateway",
  .enabled(if: Program.exists("gst-launch-1.0") && Program.exists("ffmpeg"), "gst-launch or ffmpeg is not installed"), .serialized)
struct GStreamerTests {
  @Test("pictures arrive unchanged", arguments: ["tcp", "udp"], [Workshop.Kind.plain, .reordered, .h265])
  func unchanged(_ way: String, _ kind: Workshop.Kind) async throws {
    try await TestGateway.with { gateway, shop in
      let clip = try await shop.clip(kind)
      let source = try await shop.pictures(["-i", clip])
      let url = gateway.url("live/gst")
      let codec = kind == .h265 ? "h265" : "h264"
      let file = shop.path("out.\(codec)")
      let reader = try Program(
        [
          "gst-launch-1.0", "-q", "rtspsrc", "location=\(url)", "protocols=\(way)", "latency=300", "!", "rtp\(codec)depay", "!",
          "\(codec)parse", "!", "video/x-\(codec),alignment=au,stream-format=byte-stream", "!", "identity", "eos-after=\(Workshop.frames)",
          "!",
          "filesink", "location=\(file)",
        ], folder: shop.folder)
      let published = try await Program.run(
        ["ffmpeg", "-v", "error", "-re", "-i", clip, "-c", "copy", "-f", "rtsp", "-rtsp_transport", way, url], folder: shop.folder)
      #expect(published.status == 0, "\(published.errors)")
      let outcome = await reader.end(within: 20)
      let pictures = try await shop.pictures(["-i", file])
      // The parser closes a unit when the next begins, so the one sent last may be missing when the stream just ends.
      #expect(pictures.count >= Workshop.frames - 1, "\(outcome.errors)")
      #expect(pictures == source.filter { Set(pictures).contains($0) })
    }
  }
}
