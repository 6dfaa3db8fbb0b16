import Foundation
import Gateway
import Hub
import Model
import RTMPGateway
import Testing

/// Independent programs publish and read; the decoded pictures' hashes must be the source's.
@Suite("RTMP with other people's programs", .serialized, .timeLimit(.minutes(3)))
struct PeerTests {
  /// Two seconds of moving picture, 160×120, 25 Hz.
  static func clip(
    _ folder: Folder, _ encoder: [String], sound: Bool = false, with ffmpeg: String? = Programs.ffmpeg
  ) async throws -> String {
    let path = folder.path("\(UUID().uuidString).mp4")
    var arguments = ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=2"]
    if sound { arguments += ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100:duration=2", "-c:a", "aac"] }
    let made = try await Programs.run(ffmpeg, arguments + encoder + ["-pix_fmt", "yuv420p", path], in: folder)
    #expect(made.status == 0, "\(made.errors)")
    return path
  }

  static func sourceHashes(_ clip: String, _ folder: Folder, with ffmpeg: String? = Programs.ffmpeg) async throws -> [String] {
    let decoded = try await Programs.run(ffmpeg, ["-v", "error", "-i", clip, "-map", "0:v", "-f", "framemd5", "-"], in: folder)
    #expect(decoded.status == 0, "\(decoded.errors)")
    return Programs.hashes(decoded.output)
  }

  /// Publishes a clip with one ffmpeg while another, which came first, decodes what it plays.
  static func relay(_ clip: String, _ folder: Folder, with ffmpeg: String? = Programs.ffmpeg) async throws -> [String] {
    var seen: [String] = []
    let watch = ReaderWatch()
    try await TestGateway.with(TestGateway.Options { $0.authority = watch }) { gateway in
      let address = gateway.address("live/peer")
      async let read = Programs.run(ffmpeg, ["-v", "error", "-i", address, "-map", "0:v", "-f", "framemd5", "-"], in: folder)
      await watch.readerCame()
      let sent = try await Programs.run(ffmpeg, ["-v", "error", "-re", "-i", clip, "-c", "copy", "-f", "flv", address], in: folder)
      #expect(sent.status == 0, "\(sent.errors)")
      let played = try await read
      #expect(played.status == 0, "\(played.errors)")
      seen = Programs.hashes(played.output)
    }
    return seen
  }

  @Test("ffmpeg to ffmpeg, H.264 without B-frames", .enabled(if: Programs.ffmpeg != nil, "ffmpeg is not installed"))
  func plain() async throws {
    let folder = try Folder()
    let clip = try await PeerTests.clip(folder, ["-c:v", "libx264", "-bf", "0", "-g", "25"])
    let source = try await PeerTests.sourceHashes(clip, folder)
    #expect(source.count == 50)
    #expect(try await PeerTests.relay(clip, folder) == source)
  }

  @Test("ffmpeg to ffmpeg, H.264 with B-frames, four slices and AAC", .enabled(if: Programs.ffmpeg != nil, "ffmpeg is not installed"))
  func reordered() async throws {
    let folder = try Folder()
    let clip = try await PeerTests.clip(folder, ["-c:v", "libx264", "-bf", "3", "-x264-params", "slices=4:keyint=25"], sound: true)
    #expect(try await PeerTests.relay(clip, folder) == PeerTests.sourceHashes(clip, folder))
  }

  @Test("enhanced RTMP: H.265 with B-frames", .enabled(if: Programs.newFFmpeg != nil, "no ffmpeg ≥ 6.1: pip install imageio-ffmpeg"))
  func hevc() async throws {
    let folder = try Folder()
    let new = Programs.newFFmpeg
    let clip = try await PeerTests.clip(
      folder, ["-c:v", "libx265", "-x265-params", "log-level=error:keyint=25:bframes=3", "-tag:v", "hvc1"], with: new)
    #expect(try await PeerTests.relay(clip, folder, with: new) == PeerTests.sourceHashes(clip, folder, with: new))
  }

  @Test("GStreamer reads what ffmpeg publishes", .enabled(if: Programs.areBothThere, "ffmpeg or gst-launch is not installed"))
  func gstreamerReads() async throws {
    let folder = try Folder()
    let clip = try await PeerTests.clip(folder, ["-c:v", "libx264", "-bf", "3", "-x264-params", "slices=4:keyint=25"])
    let raw = folder.path("source.yuv")
    _ = try await Programs.run(Programs.ffmpeg, ["-v", "error", "-i", clip, "-f", "rawvideo", raw], in: folder)
    let got = folder.path("got.yuv")
    let watch = ReaderWatch()
    try await TestGateway.with(TestGateway.Options { $0.authority = watch }) { gateway in
      let address = gateway.address("live/peer")
      let source = "rtmp2src location=\(address) ! flvdemux ! h264parse ! avdec_h264"
      let pipeline = source + " ! video/x-raw,format=I420 ! filesink location=\(got)"
      async let read = Programs.run(Programs.gstreamer, ["-q"] + pipeline.split(separator: " ").map(String.init), in: folder)
      await watch.readerCame()
      _ = try await Programs.run(Programs.ffmpeg, ["-v", "error", "-re", "-i", clip, "-c", "copy", "-f", "flv", address], in: folder)
      #expect(try await read.status == 0)
    }
    let source = try Data(contentsOf: URL(fileURLWithPath: raw))
    let frame = 160 * 120 * 3 / 2
    #expect(source.count == 50 * frame)
    #expect(try Data(contentsOf: URL(fileURLWithPath: got)) == source)
  }

  @Test("ffmpeg reads what GStreamer publishes", .enabled(if: Programs.areBothThere, "ffmpeg or gst-launch is not installed"))
  func gstreamerPublishes() async throws {
    let folder = try Folder()
    let clip = try await PeerTests.clip(folder, ["-c:v", "libx264", "-bf", "2", "-g", "25"])
    var seen: [String] = []
    let watch = ReaderWatch()
    try await TestGateway.with(TestGateway.Options { $0.authority = watch }) { gateway in
      let address = gateway.address("live/peer")
      async let read = Programs.run(Programs.ffmpeg, ["-v", "error", "-i", address, "-map", "0:v", "-f", "framemd5", "-"], in: folder)
      await watch.readerCame()
      let source = "filesrc location=\(clip) ! qtdemux ! h264parse ! identity sync=true"
      let pipeline = source + " ! flvmux streamable=true ! rtmp2sink location=\(address)"
      let sent = try await Programs.run(Programs.gstreamer, ["-q"] + pipeline.split(separator: " ").map(String.init), in: folder)
      #expect(sent.status == 0, "\(sent.errors)")
      seen = Programs.hashes(try await read.output)
    }
    #expect(try await seen == PeerTests.sourceHashes(clip, folder))
  }

  @Test("ffmpeg is told why it may not publish", .enabled(if: Programs.ffmpeg != nil, "ffmpeg is not installed"))
  func refused() async throws {
    let folder = try Folder()
    let clip = try await PeerTests.clip(folder, ["-c:v", "libx264"])
    try await TestGateway.with(TestGateway.Options { $0.authority = OneKey() }) { gateway in
      let wrong = gateway.address("live/peer", query: "?key=wrong")
      let outcome = try await Programs.run(Programs.ffmpeg, ["-v", "error", "-i", clip, "-c", "copy", "-f", "flv", wrong], in: folder)
      #expect(outcome.status != 0)
      #expect(outcome.errors.contains("credentialsWrong"))
    }
  }
}
