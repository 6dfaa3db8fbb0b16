import Foundation
import Testing

@Suite(
  "Nodes that die in mid-incident", .serialized,
  .enabled(if: Centres.canRun, "needs root, time and mount namespaces, and ffmpeg"))
struct RestartTests {
  private static let second: Int64 = 1_000_000_000

  private func bounds(_ incident: [String: Any], _ name: String) -> (lower: Double, upper: Double)? {
    guard let bracket = (incident["province"] as? [String: Any])?[name] as? [String: Any], let lower = bracket["lowerSeconds"] as? Double,
      let upper = bracket["upperSeconds"] as? Double
    else { return nil }
    return (lower, upper)
  }

  private func stepNs(_ incident: [String: Any], _ id: String) throws -> Int64 {
    let steps = incident["steps"] as? [[String: Any]] ?? []
    return try #require(steps.first { $0["id"] as? String == id }?["bootNs"] as? Int64, "\(id)")
  }

  /// Both clocks are of one kernel, so nothing but the printing's six digits lies between a bracket and the truth.
  private func expect(_ bracket: (lower: Double, upper: Double)?, contains truth: Int64, _ name: String) throws {
    let bracket = try #require(bracket, "\(name)")
    let seconds = Double(truth) / 1e9
    #expect(bracket.lower <= seconds + 1e-6 && seconds - 1e-6 <= bracket.upper, "\(name) \(bracket) \(seconds)")
  }

  /// The province's receipt may be back before the county's own decoder is done.
  private func isPassed(_ incident: [String: Any]) -> Bool {
    let isSeen = (incident["steps"] as? [[String: Any]] ?? []).contains { $0["id"] as? String == "t6" }
    return incident["verdict"] as? String == "pass" && isSeen
  }

  @Test("A province that is killed before it saw is offered the picture until it signs; killed again, it changes nothing")
  func provinceRestarts() async throws {
    let centres = try await Centres()
    defer { centres.stop() }
    let id = try await centres.open()
    try await centres.provinceHeard(id)
    centres.killProvince()
    try centres.publish("live/solo01")
    let seen = try await centres.shows(id) { ($0["county"] as? [String: Any])?["seconds"] is Double }
    #expect(bounds(seen, "countyBracket") == nil)
    let back = Centres.bootTime()
    try await centres.startProvince()
    let shown = try await centres.shows(id, isPassed)
    let received = try stepNs(shown, "t1")
    let truth = try centres.provinceSaw(id) - received
    #expect(truth > back - received)
    try expect(bounds(shown, "countyBracket"), contains: truth, "county's")
    try expect(bounds(shown, "provinceBracket"), contains: truth, "province's")
    try expect(bounds(shown, "dated"), contains: truth, "dated")
    #expect((shown["province"] as? [String: Any])?["grade"] as? String == "decoded")
    #expect((shown["retries"] as? [Any])?.count == 1)
    #expect((shown["offers"] as? Int ?? 0) >= 1)
    let breakdown = try #require(shown["breakdown"] as? [String: Any])
    let waited = Double(back - (try stepNs(shown, "t6"))) / 1e9
    #expect((breakdown["uplink"] as? Double ?? 0) > waited, "\(breakdown)")
    #expect(breakdown["largest"] is String && breakdown["waitingFor"] is NSNull)
    // Once more, after the receipt: the figure is the first one, and nothing is taken for a forgery.
    centres.killProvince()
    try await centres.startProvince()
    try await centres.countyIsLinked()
    let again = try await centres.county.get("/api/v1/incidents/\(id)")
    #expect(
      NSDictionary(dictionary: again["province"] as? [String: Any] ?? [:]) == NSDictionary(dictionary: shown["province"] as? [String: Any] ?? [:]))
    #expect((again["refusals"] as? [Any])?.isEmpty == true)
    #expect(try centres.journal("county", "receipt.received").count == 1)
    #expect(try centres.journal("province", "receipt.sent").count == 1)
    centres.stop()
    let recomputed = try Program.run(Program.firstframe, ["recompute", "--data", centres.folder.path + "/county"])
    #expect(recomputed.status == 0, "\(recomputed.output) \(recomputed.errors)")
  }

  @Test("A province that reboots in mid-incident can no longer time it: countyClockOnly, undetermined, and the county's bracket holds the truth")
  func provinceReboots() async throws {
    let centres = try await Centres()
    defer { centres.stop() }
    let id = try await centres.open()
    try await centres.provinceHeard(id)
    centres.killProvince()
    try await centres.startProvince(on: Centres.Machine(bootOffset: 4_000_000, bootID: "11111111-2222-3333-4444-555555555555"))
    try centres.publish("live/solo01")
    let shown = try await centres.shows(id) { bounds($0, "countyBracket") != nil }
    #expect((shown["province"] as? [String: Any])?["grade"] as? String == "countyClockOnly")
    #expect(shown["verdict"] as? String == "undetermined")
    #expect(shown["reasons"] as? [String] == ["countyClockOnly"])
    #expect(bounds(shown, "provinceBracket") == nil)
    try expect(bounds(shown, "countyBracket"), contains: try centres.provinceSaw(id, bootOffset: 4_000_000) - stepNs(shown, "t1"), "county's")
  }

  @Test("A county that is killed in mid-incident goes on exactly: its boot clock went on")
  func countyKilled() async throws {
    let centres = try await Centres()
    defer { centres.stop() }
    let before = Centres.bootTime()
    let id = try await centres.open()
    let after = Centres.bootTime()
    try await centres.provinceHeard(id)
    centres.killCounty()
    try await centres.startCounty()
    try centres.publish("live/solo01")
    let shown = try await centres.shows(id, isPassed)
    let received = try stepNs(shown, "t1")
    #expect(before <= received && received <= after)
    let county = try #require((shown["county"] as? [String: Any])?["seconds"] as? Double)
    #expect(abs(county - Double(try stepNs(shown, "t6") - received) / 1e9) < 1e-6)
    let truth = try centres.provinceSaw(id) - received
    try expect(bounds(shown, "countyBracket"), contains: truth, "county's")
    try expect(bounds(shown, "provinceBracket"), contains: truth, "province's")
    #expect((shown["reasons"] as? [String])?.isEmpty == true)
    #expect((shown["retries"] as? [Any])?.count == 1)
  }

  @Test("A county that reboots in mid-incident is bridged over the province's clock, and both bounds hold the truth")
  func countyReboots() async throws {
    let ahead: Int64 = 5_000_000
    let centres = try await Centres(county: Centres.Machine(bootOffset: ahead, bootID: "aaaaaaaa-0000-0000-0000-000000000001"))
    defer { centres.stop() }
    #expect(try await centres.county.get("/api/v1/node")["boot"] as? String == "aaaaaaaa-0000-0000-0000-000000000001")
    let id = try await centres.open()
    try await centres.provinceHeard(id)
    let opened = try await centres.county.get("/api/v1/incidents/\(id)")
    // On this machine's clock, of which the county's first life was 5 000 000 s ahead.
    let received = try stepNs(opened, "t1") - ahead * RestartTests.second
    centres.killCounty()
    // Its boot clock begins anew, 58 days lower.
    try await centres.startCounty(on: Centres.Machine(bootID: "aaaaaaaa-0000-0000-0000-000000000002"))
    try centres.publish("live/solo01")
    let shown = try await centres.shows(id) { isPassed($0) && ($0["county"] as? [String: Any])?["bridged"] is [String: Any] }
    #expect(shown["reasons"] as? [String] == ["countyRebooted"])
    let county = try #require(shown["county"] as? [String: Any])
    #expect(county["seconds"] == nil)
    #expect(bounds(shown, "countyBracket") == nil)
    let bridged = try #require(county["bridged"] as? [String: Double])
    try expect(
      (try #require(bridged["lowerSeconds"]), try #require(bridged["upperSeconds"])), contains: try stepNs(shown, "t6") - received, "bridge")
    try expect(bounds(shown, "provinceBracket"), contains: try centres.provinceSaw(id) - received, "province's")
    centres.stop()
    let recomputed = try Program.run(Program.firstframe, ["recompute", "--data", centres.folder.path + "/county"])
    #expect(recomputed.status == 0, "\(recomputed.output) \(recomputed.errors)")
  }
}
