import FirstFrameTesting
import Measure
import Model
import Testing

@Suite("Everything published is made again from facts and samples")
struct RecomputationTests {
  /// A data folder in memory: one incident with its verdict, one session with its windows.
  struct Folder {
    var log = FactLog()
    var sessions: [Recomputation.Session] = []

    init() throws {
      var story = IncidentStory()
      _ = try story.tell()
      log = story.log
      let figures = try #require(IncidentFigures.compute("i1", from: log.facts))
      log.add(
        FactKind.verdict, at: story.receiptAt + 1,
        [
          "incident": "i1", "policy": figures.policy?.json ?? .null, "verdict": .string(figures.verdict.rawValue),
          "reasons": .array(figures.reasons.map { .string($0.rawValue) }), "figures": figures.json,
        ])
      let body = try RuleFiles.rule("Config/quality/gb-fixed.yaml")
      let profile = try QualityProfile(body)
      let reference = RuleReference(profile, sha256: weakHash(body.text))
      log.add(
        FactKind.profileEmbedded, at: story.receiptAt + 2,
        ["what": "profile", "id": "gb-fixed", "version": 1, "sha256": .string(reference.sha256), "body": body])
      var random = Mutator(seed: 11)
      var traffic = Traffic()
      traffic.loss = 0.01
      let packets = traffic.packets(frames: 25 * 130, using: &random)
      let run = SessionMeterTests.run(packets, traffic.frames(of: packets), header: Traffic.header())
      for window in run.windows {
        log.add(FactKind.qualityWindow, at: window.to.nanoseconds, window.fact(profile.judge(window), by: reference))
      }
      sessions = [Recomputation.Session(header: Traffic.header(), records: run.records)]
    }

    func recompute(_ facts: [Fact]? = nil, _ sessions: [Recomputation.Session]? = nil) -> Recomputation {
      Recomputation(facts: facts ?? log.facts, sessions: sessions ?? self.sessions, sha256: weakHash)
    }

    /// The facts with one of them changed.
    func changing(_ kind: String, _ change: (inout [String: JSON]) -> Void) -> [Fact] {
      var isDone = false
      return log.facts.map { fact in
        guard fact.kind == kind, !isDone else { return fact }
        isDone = true
        var fact = fact
        change(&fact.fields)
        return fact
      }
    }
  }

  @Test("An untouched folder gives every figure again, without a difference")
  func untouched() throws {
    let folder = try Folder()
    let again = folder.recompute()
    #expect(again.differences == [])
    #expect(again.incidents.map(\.verdict) == [.pass])
    #expect(again.windows.count == 3)
    #expect(again.windows.map(\.isPublished) == [true, true, true])
    #expect(again.windows.first?.judgement?.reasons.contains(.loss) == true)
    let json = again.windows[0].json
    #expect(json["start"] == json["fromNs"])
    #expect(json["verdict"] == "fail")
    #expect(again.json.text.contains(#""county":{"device":"kit1","lowerSeconds":100,"seconds":101,"unit":"#))
  }

  @Test("A published figure that was changed is found and named")
  func changedFigure() throws {
    let folder = try Folder()
    let facts = folder.changing(FactKind.qualityWindow) { $0["packetsLost"] = 0 }
    let found = folder.recompute(facts).differences
    #expect(found.map(\.member) == ["packetsLost"])
    #expect(found.first?.what == .figure)
    #expect(found.first?.published == 0)
    #expect(found.first?.recomputed.intValue ?? 0 > 0)
    #expect(found.first?.subject == "live/cam1 s1")
  }

  @Test("A verdict that was changed is found and named")
  func changedVerdict() throws {
    let folder = try Folder()
    let facts = folder.changing(FactKind.verdict) { $0["verdict"] = "fail" }
    #expect(folder.recompute(facts).differences.map(\.member) == ["verdict"])
    let decoded = folder.changing(FactKind.pictureDecoded) { $0["unitArrivalNs"] = 999_000_000_000 }
    let members = folder.recompute(decoded).differences.map(\.member)
    #expect(members.contains("figures.county"))
    #expect(members.contains("figures.refusals"))
  }

  @Test("A verdict is compared with the facts that it had seen, not with later ones")
  func seenFacts() throws {
    let folder = try Folder()
    var facts = folder.log.facts
    guard let at = facts.firstIndex(where: { $0.kind == FactKind.verdict }) else { return #expect(Bool(false), "no verdict") }
    var late = facts[at]
    late.kind = FactKind.incidentVoice
    late.fields = ["incident": "i1", "device": "kit1"]
    late.sequence = facts[at - 1].sequence + 1
    for index in at..<facts.count { facts[index].sequence += 1 }
    facts.insert(late, at: at)
    #expect(folder.recompute(facts).differences == [])
    #expect(folder.recompute(facts).incidents.first?.step(.t9) != nil)
  }

  @Test("Samples that were touched no longer give the published windows")
  func changedSamples() throws {
    let folder = try Folder()
    var touched = folder.sessions
    touched[0].records.removeAll { if case .frame(let frame) = $0 { frame.number == 2000 } else { false } }
    let found = folder.recompute(nil, touched).differences
    #expect(Set(found.map(\.subject)) == ["live/cam1 s1"])
    #expect(found.contains { $0.member == "framesReceived" })
    #expect(folder.recompute(nil, []).differences.map(\.what) == [.samplesMissing, .samplesMissing, .samplesMissing])
  }

  @Test("A profile whose text is not the one that was hashed judges nothing")
  func changedProfile() throws {
    let folder = try Folder()
    let facts = folder.changing(FactKind.profileEmbedded) { fields in
      if let text = fields["body"]?.text.replacing("\"maximumPPM\":1000,", with: "\"maximumPPM\":90000,"),
        let body = try? JSON(parsing: text)
      {
        fields["body"] = body
      }
    }
    #expect(folder.recompute(facts).differences.map(\.what) == [.ruleHash, .ruleMissing, .ruleMissing, .ruleMissing])
    let policy = folder.changing(FactKind.incidentOpened) { fields in
      if case .object(var rule)? = fields["policy"], let text = rule["body"]?.text.replacing("1800000000000", with: "3600000000000") {
        rule["body"] = try? JSON(parsing: text)
        fields["policy"] = .object(rule)
      }
    }
    #expect(folder.recompute(policy).differences.contains { $0.what == .ruleHash && $0.member == "policy.sha256" })
  }

  @Test("A window without its fact is listed as not published")
  func unpublished() throws {
    let folder = try Folder()
    let facts = folder.log.facts.filter { $0.kind != FactKind.qualityWindow || $0["index"] != 1 }
    let again = folder.recompute(facts)
    #expect(again.differences == [])
    #expect(again.windows.map(\.isPublished) == [true, false, true])
  }

  @Test("Gaps: told ones, derived ones, and none twice")
  func gaps() {
    var log = FactLog()
    log.add(FactKind.streamStarted, at: 1_000, ["stream": "live/a"])
    log.add(FactKind.streamEnded, at: 2_000, ["stream": "live/a", "origin": "network", "cause": "publisherGone"])
    log.add(FactKind.streamResumed, at: 3_000, ["stream": "live/a"])
    // The same event, told.
    log.add(FactKind.streamGap, at: 3_000, ["stream": "live/a", "fromNs": 1_900, "toNs": 3_000, "cause": "network"])
    log.add(FactKind.streamGap, at: 3_500, ["stream": "live/a", "fromNs": 2_900, "toNs": 3_400, "cause": "network"])
    log.add(FactKind.streamGap, at: 3_600, ["stream": "live/a", "fromNs": 3_300, "toNs": 3_500, "cause": "disk"])
    log.add(FactKind.streamInterrupted, at: 5_100, ["stream": "live/a", "origin": "relay", "lastMediaNs": 5_000])
    log.add(FactKind.streamEnded, at: 5_500, ["stream": "live/a", "origin": "network"])
    log.add(FactKind.streamStarted, at: 6_000, ["stream": "live/a"])
    log.add(FactKind.streamEnded, at: 7_000, ["stream": "live/b", "origin": "device"])
    log.boot = "boot-b"
    log.add(FactKind.streamStarted, at: 100, ["stream": "live/b"])
    log.add(FactKind.streamEnded, at: 200, ["stream": "live/b"])
    let gaps = GapList.compute(from: log.facts)
    #expect(gaps.map(\.stream) == ["live/a", "live/a", "live/a", "live/b", "live/b"])
    #expect(gaps.map(\.from.time.nanoseconds) == [1_900, 3_300, 5_000, 7_000, 200])
    #expect(gaps.map { $0.to?.nanoseconds } == [3_400, 3_500, 6_000, nil, nil])
    #expect(gaps.map(\.cause) == [.network, .disk, .recorder, .device, .device])
  }

  @Test("Journals of any content neither trap nor pass for proof")
  func anyFacts() throws {
    let folder = try Folder()
    var random = Mutator(seed: 3)
    for _ in 0..<2000 {
      var facts = folder.log.facts
      for _ in 0..<3 {
        let at = Int.random(in: 0..<facts.count, using: &random)
        let mutant = random.mutate(Array(JSON.object(facts[at].fields).text.utf8))
        if let fields = (try? JSON(parsing: mutant))?.objectValue { facts[at].fields = fields }
        if Int.random(in: 0..<4, using: &random) == 0 { facts.remove(at: at) }
        if Int.random(in: 0..<4, using: &random) == 0, !facts.isEmpty { facts.shuffle(using: &random) }
      }
      _ = IncidentFigures.all(from: facts).map(\.json)
      _ = GapList.compute(from: facts)
    }
  }
}
