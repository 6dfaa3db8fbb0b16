import FirstFrameTesting
import Foundation
import Hub
import Model
import Testing

@Suite("A publisher that returns", .enabled(if: Program.exists("ffmpeg"), "ffmpeg is not installed"), .serialized)
struct TakeoverTests {
  @Test("continues the stream for a reader that stays", arguments: ["tcp", "udp"])
  func readerStays(_ way: String) async throws {
    try await TestGateway.with(window: .seconds(5)) { gateway, shop in
      let clip = try await shop.clip(.plain)
      let name = try #require(StreamName("live/back"))
      let url = gateway.url("live/back")
      let publish = ["ffmpeg", "-v", "error", "-re", "-i", clip, "-c", "copy", "-f", "rtsp", "-rtsp_transport", way, url]
      let collector = try await UnitCollector.on(name, of: gateway)
      let file = shop.path("all.framemd5")
      let reader = try Program(
        [
          "ffmpeg", "-v", "warning", "-rtsp_transport", "tcp", "-i", url, "-map", "0:v", "-fps_mode", "passthrough", "-f", "framemd5", "-y",
          file,
        ], folder: shop.folder)
      let first = try Program(publish, folder: shop.folder)
      try await collector.atLeast(30)
      first.kill()
      _ = await first.end()
      let second = try Program(publish, folder: shop.folder)
      #expect(await second.end().status == 0)
      let outcome = await reader.end()
      #expect(outcome.status == 0, "\(outcome.errors)")
      let hashes = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }
        .compactMap { $0.split(separator: ",").last?.trimmingCharacters(in: .whitespaces) }
      let source = try await shop.pictures(["-i", clip])
      // What the second publication sent is there to its last picture; before it lies the cut-off first one.
      #expect(Array(hashes.suffix(source.count)) == source)
      #expect(hashes.count >= source.count + 25)
      #expect(Array(hashes.prefix(25)) == Array(source.prefix(25)))
      let sessions = Set(collector.descriptions.map(\.session))
      #expect(sessions.count == 2)
      #expect(collector.descriptions.last?.continues == true)
      #expect(collector.interruptions >= 1)
      let gaps = gateway.facts.all(FactKind.streamGap)
      #expect(gaps.count == 1)
      let gap = try #require(gaps.first)
      #expect((gap["toNs"]?.intValue ?? 0) > (gap["fromNs"]?.intValue ?? .max))
      let times = collector.units.map(\.pts.nanoseconds)
      #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
    }
  }

  @Test("a second publisher on a live name is refused while the first sends")
  func refused() async throws {
    try await TestGateway.with { gateway, shop in
      let clip = try await shop.clip(.plain)
      let name = try #require(StreamName("live/busy"))
      let collector = try await UnitCollector.on(name, of: gateway)
      let publish = [
        "ffmpeg", "-v", "error", "-re", "-i", clip, "-c", "copy", "-f", "rtsp", "-rtsp_transport", "tcp", gateway.url("live/busy"),
      ]
      let first = try Program(publish, folder: shop.folder)
      try await collector.atLeast(5)
      let second = try await Program.run(publish, folder: shop.folder)
      #expect(second.status != 0)
      #expect(await first.end().status == 0)
      try await collector.atLeast(Workshop.frames)
      #expect(collector.units.count == Workshop.frames)
      #expect(gateway.facts.all(FactKind.streamRefused).first?["code"]?.stringValue == FaultCode.streamBusy.rawValue)
    }
  }
}
