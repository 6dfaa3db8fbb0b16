import FirstFrameTesting
import Measure
import Model
import Testing

/// The acceptance table of the connection quality figures (docs/lab.md). One test at a time: each wants the machine to itself.
@Suite(
  "What the centre measures is what the link did", .serialized,
  .enabled(if: NetworkLab.obstacle == nil, Comment(rawValue: NetworkLab.obstacle ?? "")))
struct LinkTests {
  @Test(
    "lost, repeated and reordered packets exactly; jitter, delay variation, round trip and freeze within their bands",
    arguments: Scenario.all)
  func figures(_ scenario: Scenario) async throws {
    var seen: [Comparison] = []
    for run in try await LabRun.series(scenario) {
      let name = Comment(rawValue: "\(scenario.name), seed \(run.seed)")
      let referee = run.referee
      #expect(referee.doubts == [], name)
      #expect(run.windows.count == 1, name)
      let window = try #require(run.windows.first, name)
      var comparison = Comparison(window, referee)
      if scenario.suitsTshark, Tshark.isThere { comparison.add(tshark: try await Tshark.jitter(referee), window) }
      for count in comparison.counts { #expect(count.product == count.truth, "\(count.name): \(name)") }
      for band in comparison.bands { #expect(band.holds, "\(band.name) \(band.product) ms, truth \(band.truth) ms: \(name)") }
      // What the samples say again is what was said.
      #expect(run.header.map { QualityWindow.rebuild(from: run.records, header: $0) } == run.windows, name)
      Ledger.note(scenario, run, comparison)
      seen.append(comparison)
    }
    Ledger.summary(scenario, seen)
    // Shown by the others; a machine that stood in every run shows nothing, and says so.
    for name in Set(seen.flatMap(\.notCompared)) where !seen.contains(where: { $0.bands.contains { $0.name == name } }) {
      Issue.record("\(scenario.name): \(name) was compared in none of \(seen.count) runs, for this machine stood", severity: .warning)
    }
    #expect(scenario.provokes(seen), "the link did what the scenario is about")
  }

  @Test("what ffmpeg sends over a lossy link is counted exactly", .enabled(if: Programs.exist("ffmpeg", "nsenter"), "needs ffmpeg, nsenter"))
  func ffmpeg() async throws {
    var link = Impairment(delay: .milliseconds(15))
    link.loss = 0.02
    link.burst = Impairment.Burst(toBad: 0.005, toGood: 0.3)
    link.duplication = 0.02
    let lab = try await NetworkLab(seed: 77, forward: link, back: Impairment(delay: .milliseconds(15)))
    let gateway = try await LabGateway.start(in: lab.centre, frameRateMilli: 25_000)
    let words =
      "ffmpeg -v error -re -f lavfi -i testsrc2=size=640x360:rate=25 -t 8 -pix_fmt yuv420p -c:v libx264 -preset ultrafast -tune zerolatency "
      + "-b:v 2M -g 25 -f rtsp -rtsp_transport udp rtsp://\(NetworkLab.centreAddress):\(gateway.port)/live/ffmpeg"
    do {
      let status = try await Programs.run(lab.field.prefix + words.split(separator: " ").map(String.init))
      #expect(status == 0)
      try await gateway.sessionClosed()
    } catch {
      await gateway.stop()
      throw error
    }
    let windows = gateway.notebook.windows
    await gateway.stop()
    let log = await lab.stop()
    let referee = Referee(log, Footage(seed: 0, frameRate: 25, frames: 0, gop: 1))
    let window = try #require(windows.first)
    #expect(referee.arrivals.count > 1000 && referee.lost > 10 && referee.duplicated > 5)
    #expect(window.packetsExpected == referee.expected)
    #expect(window.packetsLost == referee.lost)
    #expect(window.packetsDuplicated == referee.duplicated)
    #expect(window.packetsReordered == referee.reordered)
    #expect(window.burstLost == referee.bursts.lost && window.bursts == referee.bursts.count)
    let jitter = referee.jitter
    #expect(abs(Double(window.jitterMeanNs ?? 0) / 1e6 - jitter.mean) <= max(0.1, jitter.mean / 20))
  }
}
