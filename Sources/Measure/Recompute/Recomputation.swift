public import Model

/// Makes every figure again from facts and samples, and compares with what was published. The same code that made them live.
public struct Recomputation: Sendable {
  /// One session's samples, decoded, in the order of the file.
  public struct Session: Sendable {
    /// First line of the file.
    public var header: SampleHeader
    /// In the order of the file.
    public var records: [SampleRecord]

    public init(header: SampleHeader, records: [SampleRecord]) {
      self.header = header
      self.records = records
    }
  }

  public private(set) var incidents: [IncidentFigures] = []
  public private(set) var windows: [RecomputedWindow] = []
  public private(set) var gaps: [StreamGap] = []
  public private(set) var differences: [Difference] = []
  /// Of the whole journal.
  public private(set) var rates = RateFigures(facts: [], incidents: [])

  private var profiles: [String: QualityProfile] = [:]
  private var rebuilt: [String: [QualityWindow]] = [:]
  private var published: [String: Set<Int64>] = [:]
  private var lastProfile: [String: RuleReference] = [:]

  /// - Parameters:
  ///   - facts: of one journal, in its order.
  ///   - sha256: of a text's UTF-8 bytes, lower-case hexadecimal: the hash of embedded rules.
  public init(facts: [Fact], sessions: [Session], sha256: (String) -> String) {
    var incidents = VerdictedIncidents(facts)
    gaps = GapList.compute(from: facts)
    for session in sessions {
      rebuilt[session.header.session, default: []] += QualityWindow.rebuild(from: session.records, header: session.header)
    }
    for fact in facts {
      let judged = incidents.apply(fact)
      switch fact.kind {
      case FactKind.profileEmbedded: embed(fact, sha256)
      case FactKind.qualityWindow: compareWindow(fact)
      case FactKind.incidentOpened: checkPolicy(fact, sha256)
      case FactKind.verdict: compareVerdict(fact, judged)
      default: break
      }
    }
    for session in sessions { list(session.header.session) }
    self.incidents = incidents.figures
    rates = RateFigures(facts: facts, incidents: self.incidents)
  }

  /// The object that `recompute --json` and `scripts/recompute.py` print, byte for byte (docs/recompute.md).
  public var json: PrintedJSON {
    .object([
      "rates": rates.json, "incidents": .list(incidents.map(\.printed)), "windows": .list(windows.map { .value($0.json) }),
      "gaps": .list(gaps.map { .value($0.json) }), "differences": .list(differences.map { .value($0.json) }),
    ])
  }

  private mutating func embed(_ fact: Fact, _ sha256: (String) -> String) {
    guard let embedded = ProfileEmbeddedFact(fact), let reference = embedded.rule.reference, let body = embedded.rule.body else { return }
    let subject = "\(reference.id)@\(reference.version)"
    if sha256(body.text) != reference.sha256 {
      return differ(.ruleHash, fact, subject, "sha256", .string(reference.sha256), .string(sha256(body.text)))
    }
    guard embedded.what?.value == .profile else { return }
    guard let profile = try? QualityProfile(body) else { return differ(.ruleMissing, fact, subject, "body", body, .null) }
    profiles[reference.sha256] = profile
  }

  private mutating func checkPolicy(_ fact: Fact, _ sha256: (String) -> String) {
    guard let opened = IncidentOpenedFact(fact), let body = opened.policy?.body, let named = opened.policy?.sha256 else { return }
    let made = sha256(body.text)
    if made != named { differ(.ruleHash, fact, opened.incident, "policy.sha256", .string(named), .string(made)) }
  }

  private mutating func compareWindow(_ fact: Fact) {
    let named = QualityWindowFact(fact)
    let session = fact.session ?? ""
    let subject = "\(fact.stream ?? "") \(session)"
    guard let window = rebuilt[session]?.first(where: { $0.from == named?.from }) else {
      return differ(.samplesMissing, fact, subject, "fromNs", fact["fromNs"] ?? .null, .null)
    }
    published[session, default: []].insert(window.from.nanoseconds)
    guard let reference = named?.profile, let profile = profiles[reference.sha256] else {
      compare(fact, subject, "", fact.fields, window.fields)
      return differ(.ruleMissing, fact, subject, "profile", fact["profile"] ?? .null, .null)
    }
    lastProfile[session] = reference
    compare(fact, subject, "", fact.fields, window.fact(profile.judge(window), by: reference))
  }

  /// - Parameter figures: of the facts that the verdict was made of.
  private mutating func compareVerdict(_ fact: Fact, _ figures: IncidentFigures?) {
    let incident = VerdictFact(fact)?.incident ?? ""
    guard let figures else {
      return differ(.incidentMissing, fact, incident, "incident", .string(incident), .null)
    }
    compare(
      fact, incident, "", fact.fields,
      [
        "verdict": .string(figures.verdict.rawValue), "reasons": .array(figures.reasons.map { .string($0.rawValue) }),
        "policy": figures.policy?.json ?? .null,
      ])
    compare(fact, incident, "figures.", VerdictFact(fact)?.figures.objectValue ?? [:], figures.json.objectValue ?? [:])
  }

  /// What was published is compared; a figure that the publisher did not know yet is no difference. A verdict must always be there.
  private mutating func compare(
    _ fact: Fact, _ subject: String, _ prefix: String, _ published: [String: JSON], _ made: [String: JSON]
  ) {
    for (member, value) in made.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) })
    where published[member].map({ !Recomputation.agrees($0, with: value) }) ?? (member == "verdict") {
      differ(.figure, fact, subject, prefix + member, published[member] ?? .null, value)
    }
  }

  /// Whether all that was published comes out the same, to any depth.
  static func agrees(_ published: JSON, with made: JSON) -> Bool {
    switch (published, made) {
    case (.object(let old), .object(let new)): old.allSatisfy { agrees($0.value, with: new[$0.key] ?? .null) }
    case (.array(let old), .array(let new)): old.count == new.count && zip(old, new).allSatisfy { agrees($0, with: $1) }
    default: published == made
    }
  }

  private mutating func list(_ session: String) {
    let reference = lastProfile[session]
    let profile = reference.flatMap { profiles[$0.sha256] }
    for window in rebuilt[session] ?? [] {
      windows.append(
        RecomputedWindow(
          window: window, judgement: profile?.judge(window), profile: profile == nil ? nil : reference,
          isPublished: published[session]?.contains(window.from.nanoseconds) ?? false))
    }
    rebuilt[session] = nil
  }

  private mutating func differ(
    _ what: Difference.What, _ fact: Fact, _ subject: String, _ member: String, _ published: JSON, _ recomputed: JSON
  ) {
    differences.append(
      Difference(
        what: what, sequence: fact.sequence, subject: subject, member: member, published: published, recomputed: recomputed))
  }
}
