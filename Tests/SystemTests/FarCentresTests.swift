import FirstFrameTesting
import Foundation
import Model
import Testing

private let obstacle: String? =
  NetworkLab.obstacle ?? (Centres.canRun && Program.exists("nsenter") ? nil : "needs time namespaces, nsenter and ffmpeg")

/// Brackets, the clocks' distance and one-way delays of real nodes over real links, against this machine's one clock (docs/lab.md).
@Suite("A county and a province on long links", .serialized, .enabled(if: obstacle == nil, Comment(rawValue: obstacle ?? "")))
struct FarCentresTests {
  /// Ten incidents a link: two hundred with the full series' twenty seeds.
  private static let incidents = 10

  /// The first two are the asymmetry that measurement names; then any, a third of them behind a bottleneck that key frames wait before.
  private static func link(_ seed: Int) -> (up: Impairment, down: Impairment) {
    if seed <= 2 {
      let (long, short) = (Impairment(delay: .milliseconds(60)), Impairment(delay: .milliseconds(10)))
      return seed == 1 ? (long, short) : (short, long)
    }
    var random = Mutator(seed: UInt64(seed))
    var up = Impairment(delay: .milliseconds(Int64.random(in: 0...150, using: &random)))
    let down = Impairment(delay: .milliseconds(Int64.random(in: 0...150, using: &random)))
    if seed % 3 == 0 { up.rate = Int64.random(in: 2_000_000...6_000_000, using: &random) }
    return (up, down)
  }

  @Test(
    "both brackets of every incident, the clocks' distance and each key unit's one-way delay contain the truth",
    arguments: 1...LabSeries.seeds)
  func contained(seed: Int) async throws {
    let (up, down) = Self.link(seed)
    let centres = try await FarCentres(NetworkLab(seed: UInt64(seed), forward: up, back: down), devices: Self.incidents)
    var runs: [(incident: [String: Any], asked: ClosedRange<Int64>, passed: Int64)] = []
    for number in 1...Self.incidents {
      let before = Centres.bootTime()
      let id = try #require(try centres.ask("/api/v1/incidents", ["title": "演练", "devices": ["solo\(number)"]])["id"] as? String)
      let asked = before...Centres.bootTime()
      let device = try centres.film("solo\(number)")
      let incident = try await centres.shows(id) { $0["verdict"] as? String == "pass" }
      runs.append((incident, asked, Centres.bootTime()))
      device.signal(SIGKILL)
      await device.ended()
    }
    await centres.stop()

    let decoded = try centres.facts("province", "province.decoded")
    var widths: [String: [Double]] = [:]
    for run in runs {
      let steps = run.incident["steps"] as? [[String: Any]] ?? []
      let received = try #require(steps.first { $0["id"] as? String == "t1" }?["bootNs"] as? Int64)
      let seen = decoded.first { $0["incident"] as? String == run.incident["id"] as? String }?["decodedNs"] as? Int64
      let saw = try #require(seen) - FarCentres.ahead
      // The nodes' own words of t1 and t8 are held to this test's clock: asked for in this time, and seen on the way back of the answer.
      #expect(run.asked.contains(received) && saw > run.asked.upperBound && saw <= run.passed)
      let truth = Double(saw - received) / 1e9
      for name in ["countyBracket", "provinceBracket"] {
        let bracket = try #require((run.incident["province"] as? [String: Any])?[name] as? [String: Any], "\(name)")
        let (lower, upper) = (try #require(bracket["lowerSeconds"] as? Double), try #require(bracket["upperSeconds"] as? Double))
        #expect(lower <= truth + 1e-6 && truth - 1e-6 <= upper, "\(name) \(bracket) \(truth)")
        widths[name, default: []].append((upper - lower) * 1000)
      }
    }
    let trip = up.delay.value + down.delay.value
    // Nor are they wide for nothing: one or two round trips, for the province the beacon's age, and what decoding takes.
    for (name, all) in widths { #expect(Self.median(all) < Double(trip) / 1e6 * 2 + (name == "countyBracket" ? 1000 : 2000), "\(name) \(all)") }
    let offsets = try centres.facts("county", "offset.interval")
    #expect(!offsets.isEmpty)
    for offset in offsets {
      let (low, high) = (try #require(offset["lowNs"] as? Int64), try #require(offset["highNs"] as? Int64))
      // No narrower than the path's round trip allows.
      #expect(low <= FarCentres.ahead && FarCentres.ahead <= high && high - low >= trip, "\(low - FarCentres.ahead) \(high - FarCentres.ahead)")
    }
    let transits = try centres.transits()
    // The first units may come before the province knows the clock, and a device may be gone before its second.
    #expect(transits.count >= Self.incidents / 2)
    for unit in transits {
      // The interval of the county's clock from ours.
      #expect(unit.low <= -FarCentres.ahead && -FarCentres.ahead <= unit.high && unit.high - unit.low >= trip, "\(unit)")
      #expect(unit.arrived - FarCentres.ahead - unit.sent >= up.delay.value, "\(unit)")
    }
    #expect(Self.median(transits.map { Double($0.high - $0.low) }) < Double(trip) + 300e6)
    #expect(Self.median(transits.map { Double($0.arrived - FarCentres.ahead - $0.sent) }) < Double(up.delay.value) + 1000e6)
    LabSeries.write(
      "centres #\(seed): \(up.delay.value / 1_000_000) ms up\(up.rate.map { " at \($0) bit/s" } ?? ""), \(down.delay.value / 1_000_000) down; "
        + widths.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.count), \(Self.span($0.value)) ms wide" }.joined(separator: ", ")
        + ", \(offsets.count) offset facts, \(transits.count) key units")
  }

  private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
  private static func span(_ values: [Double]) -> String { String(format: "%.1f to %.1f", values.min() ?? 0, values.max() ?? 0) }
}
