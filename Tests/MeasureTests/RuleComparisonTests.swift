import Measure
import Model
import Testing

@Suite("What another rule would have made of the past")
struct RuleComparisonTests {
  private func rule(_ path: String, _ replace: (String, String)...) throws -> RuleChange.Rule {
    var text = try RuleFiles.rule("Config/\(path).yaml").text
    for (old, new) in replace {
      #expect(text.contains(old), "\(path) has no \(old)")
      text = text.replacing(old, with: new)
    }
    return try RuleChange.Rule(try JSON(parsing: text))
  }

  private func compare(_ old: RuleChange.Rule, _ new: RuleChange.Rule, _ facts: [Fact], _ sessions: [Recomputation.Session] = []) throws
    -> RuleComparison
  {
    let change = try RuleChange(from: old, to: new, sha256: weakHash)
    return RuleComparison(change, facts: facts, recomputation: Recomputation(facts: facts, sessions: sessions, sha256: weakHash))
  }

  @Test("A limit of 100 s would have failed the incident that took 101: verdict and rate flip, and no fact changes")
  func policy() throws {
    var story = IncidentStory()
    _ = try story.tell()
    let facts = story.log.facts
    let old = try rule("policies/thirty-minute")
    let comparison = try compare(
      old, try rule("policies/thirty-minute", ("1800000000000", "100000000000"), ("\"version\":1", "\"version\":2")), facts)
    #expect(comparison.judgedIncidents == 1)
    #expect(comparison.incidents.map { [$0.id, $0.before, $0.after] } == [["i1", "pass", "fail"]])
    #expect(comparison.incidents.first?.reasonsAfter == ["late"])
    #expect(comparison.before.thirtyMinute.counts.numerator == 1)
    #expect(comparison.after.thirtyMinute.counts.numerator == 0)
    #expect(comparison.units.first { $0.rate == "thirtyMinute" }?.flips.map(\.after) == ["fail"])
    #expect(facts == story.log.facts)
    let same = try compare(old, old, facts)
    #expect(same.incidents.isEmpty && same.units.allSatisfy(\.flips.isEmpty))
  }

  @Test("A rule that judged nothing here changes nothing here")
  func foreign() throws {
    var story = IncidentStory()
    _ = try story.tell()
    let other = try rule("policies/thirty-minute", ("\"version\":1", "\"version\":7"))
    let strict = try rule("policies/thirty-minute", ("1800000000000", "100000000000"), ("\"version\":1", "\"version\":8"))
    let comparison = try compare(other, strict, story.log.facts)
    #expect(comparison.judgedIncidents == 0)
    #expect(comparison.incidents.isEmpty)
  }

  @Test("A profile that allows two percent of loss would have passed the windows that lost one; without samples they keep their verdict")
  func profile() throws {
    let folder = try RecomputationTests.Folder()
    let old = try rule("quality/gb-fixed")
    let new = try rule(
      "quality/gb-fixed", ("\"maximumPPM\":1000,", "\"maximumPPM\":20000,"), ("\"minimumPPM\":990000", "\"minimumPPM\":1"),
      ("\"ofNominalPPM\":950000", "\"ofNominalPPM\":1"), ("\"maximumPPM\":10000,", "\"maximumPPM\":1000000,"),
      ("\"maximumNs\":2000000000,\"source\":\"proposed\"", "\"maximumNs\":60000000000,\"source\":\"proposed\""),
      ("\"version\":1", "\"version\":2"))
    let comparison = try compare(old, new, folder.log.facts, folder.sessions)
    #expect(comparison.judgedWindows == 3)
    #expect(comparison.windowsWithoutSamples == 0)
    #expect(
      comparison.windows.allSatisfy { $0.before == "fail" && $0.reasonsBefore.contains("LOSS") && !$0.reasonsAfter.contains("LOSS") }
        && !comparison.windows.isEmpty)
    let blind = try compare(old, new, folder.log.facts)
    #expect(blind.windowsWithoutSamples == 3)
    #expect(blind.windows.isEmpty)
  }

  @Test("A connection limit of 5 s would have made timeouts of slower pictures")
  func connection() throws {
    var log = try RatesTests.county()
    RatesTests.request(&log, "a1", at: 0)
    RatesTests.picture(&log, "a1", at: 30 * RatesTests.second)
    RatesTests.request(&log, "b1", "kit2", at: 31 * RatesTests.second)
    RatesTests.picture(&log, "b1", "kit2", at: 35 * RatesTests.second)
    let comparison = try compare(
      try rule("policies/connection"), try rule("policies/connection", ("60000000000", "5000000000")), log.facts)
    #expect(comparison.before.connection.counts.numerator == 2)
    #expect(comparison.after.connection.counts.numerator == 1)
    #expect(comparison.units.first { $0.rate == "connection" }?.flips.map(\.id) == ["a1"])
    #expect(comparison.json.text.contains(#""before":"pass""#))
  }

  @Test("A policy and a profile, or policies of two kinds, are not compared")
  func kinds() throws {
    #expect(throws: Fault.self) {
      try RuleChange(from: try rule("policies/connection"), to: try rule("policies/thirty-minute"), sha256: weakHash)
    }
    #expect(throws: Fault.self) { try RuleChange(from: try rule("policies/connection"), to: try rule("quality/degraded"), sha256: weakHash) }
  }
}
