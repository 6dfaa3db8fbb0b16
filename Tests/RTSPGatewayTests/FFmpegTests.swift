import Foundation
import Gateway
import RTSPGateway
import Testing

/// ffmpeg publishes and reads, over TCP and UDP; every decoded picture must be the source's.
@Suite("ffmpeg through the gateway", .enabled(if: Program.exists("ffmpeg"), "ffmpeg is not installed"), .serialized)
struct FFmpegTests {
  enum Way: String, CaseIterable, Sendable { case tcp, udp }

  private static func publish(_ file: String, to url: String, _ way: Way) -> [String] {
    ["ffmpeg", "-v", "error", "-re", "-i", file, "-c", "copy", "-f", "rtsp", "-rtsp_transport", way.rawValue, url]
  }

  @Test("pictures arrive unchanged", arguments: Workshop.Kind.allCases, [(Way.tcp, Way.tcp), (.udp, .udp), (.tcp, .udp), (.udp, .tcp)])
  func unchanged(_ kind: Workshop.Kind, _ ways: (Way, Way)) async throws {
    try await TestGateway.with { gateway, shop in
      let clip = try await shop.clip(kind)
      let source = try await shop.pictures(["-i", clip])
      #expect(source.count == Workshop.frames)
      let url = gateway.url("live/cam1")
      async let read = shop.pictures(["-rtsp_transport", ways.1.rawValue, "-i", url])
      let published = try await Program.run(Self.publish(clip, to: url, ways.0), folder: shop.folder)
      #expect(published.status == 0, "\(published.errors)")
      #expect(try await read == source)
    }
  }

  @Test("a reader that asked before the publisher came is answered when it comes")
  func waiting() async throws {
    try await TestGateway.with { gateway, shop in
      let clip = try await shop.clip(.plain)
      let url = gateway.url("live/early")
      let reader = try await RawClient.connect(port: gateway.server.port, group: gateway.group)
      async let answer = reader.ask("DESCRIBE", url, cseq: 1)
      _ = try await Program.run(Self.publish(clip, to: url, .tcp), folder: shop.folder)
      let text = try await answer
      #expect(text.hasPrefix("RTSP/1.0 200 OK"))
      #expect(try await reader.receive("sprop-parameter-sets").contains("H264/90000"))
    }
  }
}
