import Foundation
import Testing

@Suite(
  "A wall clock that is stepped an hour in mid-incident", .serialized,
  .enabled(if: Centres.canRun && WallClock.canRun, "needs root, time and mount namespaces, ffmpeg, libfaketime and a C compiler"))
struct WallClockTests {
  private static let second: Int64 = 1_000_000_000
  private static let hour = 3600

  /// The referees: this process and the province, both on the same kernel's boot clock and with wall clocks that nobody steps.
  private struct Seen {
    var before: Int64
    var after: Int64
    func expect(_ time: Int64, _ what: String) { #expect(before <= time && time <= after, "\(what): \(time) not in \(before)…\(after)") }
  }

  private func posting(_ body: () async throws -> Void) async throws -> Seen {
    let before = Centres.bootTime()
    try await body()
    return Seen(before: before, after: Centres.bootTime())
  }

  private func stepNs(_ incident: [String: Any], _ id: String) throws -> Int64 {
    try #require((incident["steps"] as? [[String: Any]])?.first { $0["id"] as? String == id }?["bootNs"] as? Int64, "\(id)")
  }

  /// The province's receipt may be back before the county's own decoder is done.
  private func isSeenByBoth(_ incident: [String: Any]) -> Bool {
    incident["verdict"] as? String == "pass" && (incident["county"] as? [String: Any])?["seconds"] is Double
  }

  /// Waits for the fact that tells a step, and for the exchanges after it: they still bound the clocks' true distance, within a millisecond.
  private func told(_ centres: Centres, steps: Int) async throws {
    try await centres.county.await { try self.steps(centres).count >= steps }
    let told = try #require(try self.steps(centres).last?["boottimeNs"] as? Int64)
    try await centres.county.await { Centres.bootTime() > told + 3 * WallClockTests.second }
    let offset = try #require(try await centres.uplink()["offset"] as? [String: Any])
    let low = try #require(offset["lowNs"] as? Int64)
    let high = try #require(offset["highNs"] as? Int64)
    let truth = Centres.hundredDays * WallClockTests.second
    #expect(low <= truth && truth <= high)
    #expect(high - low < 1_000_000, "\(high - low) ns")
  }

  private func steps(_ centres: Centres) throws -> [[String: Any]] {
    try centres.journal("county", "clock.step").filter { $0["what"] as? String == "wall" }
  }

  @Test("moves no interval, is told each time, and incidents opened while it lasts are timed as well", arguments: WallClock.Way.allCases)
  func stepped(way: WallClock.Way) async throws {
    let wall = try WallClock(way)
    let centres = try await Centres(county: Centres.Machine(environment: wall.environment))
    defer { centres.stop() }
    // TCP is timed by the read. Datagrams bring the kernel's stamps, which only the second way steps as well.
    try centres.publish("live/solo01", transport: "tcp")
    try centres.publish("live/solo02", transport: "udp")
    var id = ""
    let opening = try await posting { id = try await centres.open(devices: ["solo01", "solo02"]) }
    try await centres.provinceHeard(id)

    try wall.step(to: WallClockTests.hour)
    try await told(centres, steps: 1)
    let answering = try await posting {
      try await centres.county.post("/api/v1/incidents/\(id)/steps", ["step": "acknowledged", "device": "solo01"])
    }
    var second = ""
    let reopening = try await posting { second = try await centres.open("第二起", devices: ["solo02"]) }
    let late = try await centres.shows(second, isSeenByBoth)

    try wall.step(to: -WallClockTests.hour)
    try await told(centres, steps: 2)
    let arriving = try await posting {
      try await centres.county.post("/api/v1/incidents/\(id)/steps", ["step": "onScene", "device": "solo01"])
    }
    try wall.step(to: 0)
    try await told(centres, steps: 3)

    let shown = try await centres.shows(id, isSeenByBoth)
    opening.expect(try stepNs(shown, "t1"), "t1")
    answering.expect(try stepNs(shown, "t3"), "t3")
    arriving.expect(try stepNs(shown, "t4"), "t4")
    reopening.expect(try stepNs(late, "t1"), "t1 of the second")
    for (incident, name) in [(shown, id), (late, second)] { try expectTruth(centres, incident, name) }
    try expectSteps(centres)
    try expectArrivals(centres)
    centres.stop()
    let recomputed = try Program.run(Program.firstframe, ["recompute", "--data", centres.folder.path + "/county"])
    #expect(recomputed.status == 0, "\(recomputed.output) \(recomputed.errors)")
  }

  /// T by the province's clock, which nobody stepped, lies in both brackets; the county's own figure is its two facts' difference.
  private func expectTruth(_ centres: Centres, _ incident: [String: Any], _ id: String) throws {
    let received = try stepNs(incident, "t1")
    let truth = Double(try centres.provinceSaw(id) - received) / 1e9
    let province = try #require(incident["province"] as? [String: Any])
    for name in ["countyBracket", "provinceBracket", "dated"] {
      let bracket = try #require(province[name] as? [String: Double], "\(name)")
      let lower = try #require(bracket["lowerSeconds"])
      let upper = try #require(bracket["upperSeconds"])
      #expect(lower <= truth + 1e-6 && truth - 1e-6 <= upper, "\(name) of \(id): \(lower)…\(upper), \(truth)")
    }
    let county = try #require(incident["county"] as? [String: Any])
    #expect((incident["reasons"] as? [String])?.isEmpty == true)
    let picture = try #require(
      try centres.journal("county", "picture.decoded").first {
        $0["incident"] as? String == id && $0["device"] as? String == county["device"] as? String
      })
    #expect(abs(try #require(county["seconds"] as? Double) - Double(try #require(picture["decodedNs"] as? Int64) - received) / 1e9) < 0.001)
  }

  private func expectSteps(_ centres: Centres) throws {
    let told = try steps(centres).compactMap { $0["stepNs"] as? Int64 }
    let wanted = [1, -2, 1].map { Int64($0 * WallClockTests.hour) * WallClockTests.second }
    #expect(told.count == wanted.count, "\(told)")
    // The wall clock was read within a second after each step; both clocks ran on meanwhile.
    for (one, other) in zip(told, wanted) { #expect(abs(one - other) < 50_000_000, "\(one)") }
    #expect(try centres.journal("county", "clock.step").count == told.count, "no step of the offset")
    #expect(try centres.journal("county", "stream.interrupted").isEmpty)
  }

  /// No unit is placed elsewhere than where it was: it leaves the county within a second after it came, never before.
  private func expectArrivals(_ centres: Centres) throws {
    let sent = try centres.journal("county", "keyframe.sent")
    #expect(!sent.isEmpty)
    for fact in sent {
      let way = try #require(fact["boottimeNs"] as? Int64) - #require(fact["unitArrivalNs"] as? Int64)
      #expect(way >= 0 && way < 3 * WallClockTests.second, "\(fact["unit"] ?? "") \(way)")
    }
    for fact in try centres.journal("county", "picture.decoded") {
      let way = try #require(fact["decodedNs"] as? Int64) - #require(fact["unitArrivalNs"] as? Int64)
      #expect(way >= 0 && way < 10 * WallClockTests.second, "\(fact["unit"] ?? "") \(way)")
    }
  }
}
