import Foundation
import RTSPGateway
import Testing

@Suite("Sound through the gateway", .enabled(if: Program.exists("ffmpeg"), "ffmpeg is not installed"), .serialized)
struct SoundTests {
  /// Encoder, raw output format or nil for packet hashes, and the sampling rate.
  struct Case: CustomTestStringConvertible, Sendable {
    var encoder: String
    var raw: String?
    var rate: Int
    var testDescription: String { encoder }
  }

  static let cases = [
    Case(encoder: "aac", raw: nil, rate: 44_100), Case(encoder: "libopus", raw: nil, rate: 48_000),
    Case(encoder: "pcm_alaw", raw: "alaw", rate: 8000), Case(encoder: "pcm_mulaw", raw: "mulaw", rate: 8000),
  ]

  /// The bytes of the sound, or the hashes of its packets, as lines.
  private func sound(_ input: [String], _ kind: Case, _ shop: Workshop) async throws -> [String] {
    let file = shop.path(UUID().uuidString)
    _ = try await Program.run(
      ["ffmpeg", "-v", "error"] + input + ["-map", "0:a", "-c", "copy", "-f", kind.raw ?? "framemd5", "-y", file], folder: shop.folder)
    let data = try Data(contentsOf: URL(fileURLWithPath: file))
    guard kind.raw == nil else { return data.map { String($0) } }
    // The sixth column; behind it stands side data, such as the wall clock that a sender report told.
    return String(decoding: data, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
      .map { $0.split(separator: ",").dropFirst(5).first.map(String.init) ?? "" }
  }

  @Test("arrives unchanged beside a picture", arguments: cases, ["tcp", "udp"])
  func unchanged(_ kind: Case, _ way: String) async throws {
    try await TestGateway.with { gateway, shop in
      let clip = shop.path("clip.mkv")
      let made = try await Program.run(
        [
          "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25", "-f", "lavfi", "-i",
          "aevalsrc=0.3*sin(440*t*t):s=\(kind.rate)", "-t", "2.4", "-c:v", "libx264", "-tune", "zerolatency", "-g", "250", "-pix_fmt",
          "yuv420p",
          "-c:a", kind.encoder, "-ac", "1", "-y", clip,
        ], folder: shop.folder)
      #expect(made.status == 0, "\(made.errors)")
      let source = try await sound(["-i", clip], kind, shop)
      let url = gateway.url("live/sound")
      async let read = sound(["-rtsp_transport", way, "-i", url], kind, shop)
      let published = try await Program.run(
        ["ffmpeg", "-v", "error", "-re", "-i", clip, "-c", "copy", "-f", "rtsp", "-rtsp_transport", way, url], folder: shop.folder)
      #expect(published.status == 0, "\(published.errors)")
      // One run of the source: a late reader lacks the sound before the key picture, and ffmpeg keeps its last, half full AAC packet.
      let heard = try await read
      #expect(heard.count > source.count * 9 / 10)
      let first = try #require(heard.first)
      let starts = source.indices.filter { source[$0] == first && $0 <= source.count - heard.count }
      #expect(starts.contains { Array(source[$0..<$0 + heard.count]) == heard })
    }
  }
}
