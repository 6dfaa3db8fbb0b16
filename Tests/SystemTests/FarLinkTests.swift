import FirstFrameTesting
import Foundation
import Model
import Testing

private let obstacle: String? =
  NetworkLab.obstacle ?? (Centres.canRun && Program.exists("nsenter") ? nil : "needs time namespaces, nsenter and ffmpeg")

/// A real node and real devices with the lab's link between them (docs/lab.md).
@Suite("Devices on long links", .serialized, .enabled(if: obstacle == nil, Comment(rawValue: obstacle ?? "")))
struct FarLinkTests {
  @Test("a device with a round trip of 900 ms fails as DELAY, one with 300 ms passes")
  func roundTrips() async throws {
    let folder = try TemporaryFolder()
    let clip = try Clips.make("testsrc2=size=1280x720:rate=25", "sine=frequency=440:sample_rate=48000", folder.path + "/clip.mp4")
    let rules = try SessionVerdictTests.rules(in: folder.path)
    let machine = Starvation()
    var (slow, quick) = (Judged(), Judged())
    for run in 1...3 where slow.isLimited || quick.isLimited {
      let path = "\(folder.path)/\(run)"
      async let far = Self.session(clip, rules: rules, data: path + "-far", oneWay: 450)
      async let near = Self.session(clip, rules: rules, data: path + "-near", oneWay: 150)
      let (one, other) = try await (far, near)
      if slow.isLimited { slow = one }
      if quick.isLimited { quick = other }
    }
    guard !slow.isLimited, !quick.isLimited else { return machine.excuses("\(slow) \(quick) in three runs") }
    #expect(slow.verdicts == ["udp": "fail", "tcp": "fail"] && slow.reasons["tcp"] == ["DELAY"], "\(slow)")
    #expect(quick.verdicts["tcp"] == "pass", "\(quick)")
    // ffmpeg films while it still signs on, five round trips long, and sends at once what has piled up: by UDP that is JITTER of its own.
    #expect(slow.reasons["udp"]?.filter { $0 != "JITTER" } == ["DELAY"], "\(slow)")
    #expect(quick.reasons["udp"]?.filter { $0 != "JITTER" } == [], "\(quick)")
    for (trips, truth) in [(slow.roundTrips, 900.0), (quick.roundTrips, 300.0)] {
      // The band of measurement: 1 ms or 5 %; it may not be shorter than the link.
      #expect(trips.count == 2 && trips.allSatisfy { $0 > truth - 1 && $0 < truth * 1.05 }, "\(trips) for \(truth)")
    }
  }

  private struct Judged: Sendable {
    var verdicts: [String: String] = [:]
    var reasons: [String: [String]] = [:]
    /// The node had no time, and judged nothing.
    var isLimited = true
    /// Milliseconds, p95 of each window.
    var roundTrips: [Double] = []
  }

  /// One device by UDP and one by TCP, and what the node says of each.
  private static func session(_ clip: String, rules: String, data: String, oneWay: Int64) async throws -> Judged {
    let link = Impairment(delay: .milliseconds(oneWay))
    let lab = try await NetworkLab(seed: 1, forward: link, back: link)
    let node = try Node(
      data: data,
      settings: [
        "bind=\(NetworkLab.centreAddress)", "access.openAnywhere=true", "archive.enabled=false", "measure.probes=false",
        "measure.fieldProfile=field-mobile",
      ], prefix: lab.centre.prefix, environment: ["FIRSTFRAME_CONFIG": rules])
    try await node.awaitReady()
    let senders = try ["udp", "tcp"].map { transport in
      try Sender(
        clip,
        ["-c", "copy", "-f", "rtsp", "-rtsp_transport", transport, "rtsp://\(NetworkLab.centreAddress):\(node.rtsp)/live/\(transport)"],
        prefix: lab.field.prefix)
    }
    for sender in senders { await sender.ended() }
    node.stop()
    _ = await lab.stop()
    var judged = Judged()
    let windows = try SessionVerdictTests.windows(data)
    judged.isLimited = windows.values.contains { SessionVerdictTests.isLimited($0) }
    for (stream, window) in windows {
      let name = String(stream.dropFirst("live/".count))
      judged.verdicts[name] = window["verdict"] as? String
      judged.reasons[name] = window["reasons"] as? [String]
      if let trip = (window["roundTripNs"] as? [String: Any])?["p95"] as? Int { judged.roundTrips.append(Double(trip) / 1e6) }
    }
    return judged
  }
}
