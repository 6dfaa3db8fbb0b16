import Foundation
import Testing

private let canRun = Program.exists("ffmpeg") && Program.exists("ffprobe")

/// What an inspector holds against a relay that was killed: footage that was acknowledged stays, and of the open segment nothing is missing that
/// somebody else had already seen, but for one frame.
@Suite("A relay that is killed", .serialized, .enabled(if: canRun, "needs ffmpeg and ffprobe"))
struct KillTests {
  /// FIRSTFRAME_KILLS=20 FIRSTFRAME_KILL_STREAMS=10 for the long run; CI does three of three.
  private let rounds = KillTests.number("FIRSTFRAME_KILLS", else: 3)
  private let streams = KillTests.number("FIRSTFRAME_KILL_STREAMS", else: 3)

  private static func number(_ name: String, else usual: Int) -> Int { Int(ProcessInfo.processInfo.environment[name] ?? "") ?? usual }

  @Test(
    "kill -9 while streams record: no acknowledged segment is lost, at most one frame that a reader had is missing, relaying is back within three seconds"
  )
  func kill9() async throws {
    let folder = try TemporaryFolder()
    let clip = try Clip.make(in: folder.path, seconds: 20)
    let data = folder.path + "/data"
    var acknowledged: [String: String] = [:]
    var judged = [Int](repeating: 0, count: streams)
    var witnesses: [Witness] = []
    var missing: [Int] = []
    var ready: [Duration] = []
    for round in 0...rounds {
      let node = try Node(data: data, settings: ["archive.segmentSeconds=2"])
      let began = ContinuousClock.now
      try await node.awaitReady()
      ready.append(ContinuousClock.now - began)
      for index in witnesses.indices {
        // Recovered segments are written behind the start: what the killed relay had recorded is there when they are.
        try await node.await { try await witnesses[index].isCovered(by: node, from: judged[index]) }
        let found = try await node.segments(of: "live/k\(index)")
        missing.append(try await witnesses[index].missing(in: found.dropFirst(judged[index]), below: data))
        judged[index] = found.count
      }
      for (name, sha256) in acknowledged {
        let parts = name.split(separator: " ").map(String.init)
        let segments = try await node.segments(of: parts[0])
        #expect(segments.contains { "\($0["segment"] ?? "")" == parts[1] && $0["sha256"] as? String == sha256 }, "\(name) in round \(round)")
      }
      guard round < rounds else {
        node.stop()
        break
      }
      let devices = try (0..<streams).map { try Publisher(clip: clip, url: "rtsp://127.0.0.1:\(node.rtsp)/live/k\($0)") }
      witnesses = try (0..<streams).map {
        try Witness(url: "rtsp://127.0.0.1:\(node.rtsp)/live/k\($0)", stream: "live/k\($0)", file: "\(folder.path)/seen-\(round)-\($0).h264")
      }
      // Every reader has something, every second round a segment of the round is acknowledged, and the moment of the blow is another each time.
      for witness in witnesses { try await node.await { witness.bytes > 100_000 + 60_000 * (round % 5) } }
      if round.isMultiple(of: 2) {
        try await node.await { try await node.segments(of: "live/k0").count > judged[0] }
      }
      for index in 0..<streams {
        for segment in try await node.segments(of: "live/k\(index)") {
          acknowledged["live/k\(index) \(segment["segment"] ?? "")"] = segment["sha256"] as? String
        }
      }
      node.kill()
      for witness in witnesses { witness.finish() }
      for device in devices { device.stop() }
    }
    print(
      "killed \(rounds) times with \(streams) streams: \(acknowledged.count) acknowledged segments stand;"
        + " frames missing of those a reader had: \(missing.reduce(into: [:]) { $0[$1, default: 0] += 1 }); ready after at most \(ready.max() ?? .zero)"
    )
    #expect(missing.count == rounds * streams)
    #expect(missing.allSatisfy { $0 <= 1 })
    #expect(ready.allSatisfy { $0 < .seconds(3) })
    let check = try Program.run(Program.firstframe, ["archive", "check", "--data", data])
    #expect(check.status == 0, "\(check.output)")
    withExtendedLifetime(folder) {}
  }
}

/// ffmpeg as an outside reader that keeps what it was sent.
private final class Witness {
  let stream: String
  private let file: String
  private let process = Process()

  init(url: String, stream: String, file: String) throws {
    self.stream = stream
    self.file = file
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "ffmpeg", "-v", "error", "-rtsp_transport", "tcp", "-i", url, "-c", "copy", "-flush_packets", "1", "-f", "h264", file,
    ]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
  }

  var bytes: Int { ((try? FileManager.default.attributesOfItem(atPath: file))?[.size] as? Int) ?? 0 }

  /// The relay is gone: ffmpeg writes what it holds and ends by itself.
  func finish() { process.waitUntilExit() }

  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  /// Whether the segments from the given one on hold at least as many bytes as this reader was sent.
  func isCovered(by node: Node, from first: Int) async throws -> Bool {
    let segments = try await node.segments(of: stream).dropFirst(first)
    return segments.contains { $0["recovered"] as? Bool == true }
  }

  /// How many of the pictures that the reader had are in none of the segments. The reader's pictures are one run of the archive's.
  func missing(in segments: ArraySlice<[String: Any]>, below data: String) async throws -> Int {
    let seen = AnnexB.pictures(try Data(contentsOf: URL(fileURLWithPath: file)))
    try #require(seen.count > 20, "\(stream): the reader had \(seen.count) pictures only")
    var recorded: [Data] = []
    for segment in segments {
      let path = "\(data)/archive/\(try #require(segment["file"] as? String))"
      let raw = path + ".h264"
      let copied = try Program.run("ffmpeg", ["-v", "error", "-i", path, "-c", "copy", "-bsf:v", "h264_mp4toannexb", "-f", "h264", raw])
      try #require(copied.status == 0, "\(copied.errors)")
      recorded += AnnexB.pictures(try Data(contentsOf: URL(fileURLWithPath: raw)))
      try FileManager.default.removeItem(atPath: raw)
    }
    let start = try #require(recorded.firstIndex(of: seen[0]), "\(stream): what the reader saw first is not in the archive")
    let common = zip(recorded[start...], seen).prefix { $0 == $1 }.count
    return seen.count - common
  }
}

/// Coded pictures of an H.264 byte stream (ITU-T H.264 Annex B), without parameter sets and start codes.
private enum AnnexB {
  static func pictures(_ bytes: Data) -> [Data] {
    var starts: [Int] = []
    var zeros = 0
    for (index, byte) in bytes.enumerated() {
      if byte == 1, zeros >= 2 { starts.append(index + 1) }
      zeros = byte == 0 ? zeros + 1 : 0
    }
    return starts.indices.compactMap { index in
      let from = starts[index]
      var end = index + 1 < starts.count ? starts[index + 1] - 3 : bytes.count
      while end > from, bytes[end - 1] == 0 { end -= 1 }
      guard end > from, [1, 5].contains(bytes[from] & 31) else { return nil }
      return bytes.subdata(in: from..<end)
    }
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
