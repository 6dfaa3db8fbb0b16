import Foundation
import Testing

@Suite(
  "Streams under a county's name are the county's alone", .serialized,
  .enabled(if: Centres.canRun, "needs root, time and mount namespaces, and ffmpeg"))
struct ImpostorTests {
  @Test("a stranger is refused by RTSP and RTMP, and the county comes in, in a province that asks nobody for keys")
  func refused() async throws {
    let centres = try await Centres()
    defer { centres.stop() }
    let name = "deqing/live/solo01"
    for target in [
      ["-f", "rtsp", "-rtsp_transport", "tcp", "rtsp://127.0.0.1:\(centres.province.rtsp)/\(name)"],
      ["-f", "flv", "rtmp://127.0.0.1:\(centres.province.rtmp)/\(name)"],
    ] {
      let outcome = try Program.run("ffmpeg", ["-v", "error", "-re", "-i", centres.clip, "-c", "copy", "-t", "4"] + target)
      #expect(outcome.status != 0, "\(target)")
    }
    #expect(try centres.journal("province", "stream.started").isEmpty)
    try centres.publish("live/solo01")
    try await centres.province.await { try !centres.journal("province", "stream.started").isEmpty }
    let started = try #require(try centres.journal("province", "stream.started").first)
    #expect(started["stream"] as? String == name && started["hop"] as? String == "centre")
    #expect(started["unitOrigin"] as? String == "deqing/live/solo01")
  }
}
