import Foundation
import Testing

private let canRun = Program.exists("ffmpeg") && Program.exists("ffprobe")

@Suite("A relay that is killed", .serialized, .enabled(if: canRun, "needs ffmpeg and ffprobe"))
struct KillTests {
  /// FIRSTFRAME_KILLS=20 for the long run; CI does three.
  private let rounds = Int(ProcessInfo.processInfo.environment["FIRSTFRAME_KILLS"] ?? "") ?? 3

  @Test("kill -9 while streams record loses no acknowledged segment, and relaying is back within three seconds")
  func kill9() async throws {
    let folder = try TemporaryFolder()
    let clip = try Clip.make(in: folder.path, seconds: 20)
    let data = folder.path + "/data"
    var acknowledged: [String: String] = [:]
    for round in 0..<rounds {
      let node = try Node(data: data, settings: ["archive.segmentSeconds=2"])
      let began = ContinuousClock.now
      try await node.awaitReady()
      #expect(ContinuousClock.now - began < .seconds(3), "round \(round)")
      let devices = try (0..<3).map { try Publisher(clip: clip, url: "rtsp://127.0.0.1:\(node.rtsp)/live/k\($0)") }
      // Long enough for a segment to be acknowledged in the first round; later rounds cut at any point of one.
      try await node.await { try await node.segments(of: "live/k0").count > acknowledged.keys.filter { $0.hasPrefix("live/k0 ") }.count }
      for index in 0..<3 {
        for segment in try await node.segments(of: "live/k\(index)") {
          acknowledged["live/k\(index) \(segment["segment"] ?? "")"] = segment["sha256"] as? String
        }
      }
      node.kill()
      for device in devices { device.stop() }
    }
    let node = try Node(data: data, settings: ["archive.segmentSeconds=2"])
    try await node.awaitReady()
    for (name, sha256) in acknowledged {
      let parts = name.split(separator: " ").map(String.init)
      let found = try await node.segments(of: parts[0]).first { "\($0["segment"] ?? "")" == parts[1] }
      #expect(found?["sha256"] as? String == sha256, "\(name)")
    }
    node.stop()
    let check = try Program.run(Program.firstframe, ["archive", "check", "--data", data])
    #expect(check.status == 0, "\(check.output)")
  }
}

/// A clip that ffmpeg made: H.264 with a key frame a second.
enum Clip {
  static func make(in folder: String, seconds: Int) throws -> String {
    let path = folder + "/clip.mp4"
    let made = try Program.run(
      "ffmpeg",
      [
        "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25", "-t", String(seconds), "-c:v", "libx264",
        "-preset", "ultrafast", "-g", "25", "-bf", "0", "-pix_fmt", "yuv420p", path,
      ])
    try #require(made.status == 0, "\(made.errors)")
    return path
  }
}

/// ffmpeg in the place of a device.
final class Publisher {
  private let process = Process()

  init(clip: String, url: String, transport: String = "tcp") throws {
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "ffmpeg", "-v", "error", "-re", "-stream_loop", "-1", "-i", clip, "-c", "copy", "-f", "rtsp", "-rtsp_transport", transport, url,
    ]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
  }

  /// By SIGKILL: what is started on one of Swift's threads has inherited their signal mask, and never hears SIGTERM.
  func stop() {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
}
