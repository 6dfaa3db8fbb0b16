public import Model

/// An incident's time to first picture at county and province, with the brackets that prove it and the verdict (measurement.md §4).
///
/// A pure function of the county's facts: no clock is read, time passes only by facts. Boot times of two nodes or boots are never subtracted.
public struct IncidentFigures: Hashable, Sendable {
  /// The county's first picture.
  public struct County: Hashable, Sendable {
    /// c(E5) − c(E1); nil when the county rebooted in between.
    public var time: Nanoseconds?
    /// The same bridged over the province's clock, when the county rebooted in between and a receipt names p(E1′) and p(B).
    public var bridged: Bracket?
    /// The unit's arrival − c(E1): it cannot have been seen earlier.
    public var lower: Nanoseconds?
    /// Nil while there is no picture.
    public var device: String
    /// `node/path@epoch#number`.
    public var unit: String
  }

  /// The province's first picture, as the first receipt that counts proves it.
  public struct Province: Hashable, Sendable {
    /// The province's name.
    public var name: String
    /// How it is proven.
    public var grade: ProofGrade
    /// By the county's clock; nil when the county rebooted after t1.
    public var countyBracket: Bracket?
    /// By the province's clock; nil when E1 carried no beacon of that boot.
    public var provinceBracket: Bracket?
    /// T by p(E7) put on the county's clock by the offset: narrower than the brackets, and never what is judged, for it trusts both clocks.
    public var dated: Bracket?
    /// Nil while no receipt counts.
    public var device: String
    /// `node/path@epoch#number`.
    public var unit: String
  }

  /// The only kinds that figures depend on: whoever keeps facts in memory needs no others, and time passes by no others.
  public static let kinds: Set<String> = [
    FactKind.nodeStarted, FactKind.incidentOpened, FactKind.incidentCalledOut, FactKind.incidentAcknowledged, FactKind.incidentOnScene,
    FactKind.incidentVoice, FactKind.incidentAnnounced, FactKind.incidentWarning, FactKind.incidentMissed, FactKind.incidentClosed,
    FactKind.streamStarted,
    FactKind.streamResumed, FactKind.streamEnded, FactKind.streamFirstPacket, FactKind.streamFirstKeyframe, FactKind.pictureDecoded,
    FactKind.pictureSecond, FactKind.pictureRefused, FactKind.pictureShown, FactKind.keyframeSent, FactKind.receiptReceived,
    FactKind.receiptRefused, FactKind.clockBridge,
  ]

  /// Id of the incident.
  public var id: String
  /// What the person typed.
  public var title: String
  /// 32 hexadecimal digits that only this incident has.
  public var nonce: String
  /// Sequence number of the newest fact that was applied: who computes again applies those up to it and no later ones.
  public var throughSequence: Int64
  /// E1, t1.
  public var received: NodeInstant
  /// RFC 3339, a label.
  public var receivedWall: String
  /// What the person typed; a label.
  public var receivedAt: String?
  /// Nil when the first fact does not name it whole.
  public var policy: RuleReference?
  /// Nil when the policy cannot be read.
  public var limit: Nanoseconds?
  /// In the order in which they happened.
  public var steps: [Step] = []
  /// In the order in which they were called out.
  public var devices: [IncidentDevice] = []
  /// Nil while there is no picture that counts.
  public var county: County?
  /// Nil while no receipt counts.
  public var province: Province?
  /// What was offered and does not count.
  public var refusals: [Refusal] = []
  /// E1 announced again, until the first receipt that counts.
  public var retries: [Retry] = []
  /// Key units of eligible devices that were sent up after t1, until the first receipt that counts.
  public var offers = 0
  /// What browsers in the hall presented.
  public var shown: [ShownPicture] = []
  /// Where the time went; nil without a device.
  public var breakdown: IncidentBreakdown?
  /// t10 was taken.
  public var isClosed = false
  /// By the policy.
  public var verdict = Verdict.undetermined
  /// In the order of ``IncidentReason``.
  public var reasons: [IncidentReason] = []

  /// The figures of one incident from the county's facts in their order; nil when it was never opened in them.
  public static func compute(_ incident: String, from facts: [Fact]) -> IncidentFigures? {
    guard let place = facts.firstIndex(where: { $0.kind == FactKind.incidentOpened && $0.incident == incident }) else { return nil }
    var live = LiveStreams()
    for fact in facts[..<place] where fact.node == facts[place].node { live.apply(fact) }
    guard let body = IncidentOpenedFact(facts[place]) else { return nil }
    var reducer = IncidentReducer(facts[place], body, live: live)
    for fact in facts[(place + 1)...] where kinds.contains(fact.kind) { reducer.apply(fact) }
    return reducer.finish()
  }

  /// All incidents in the order of their opening.
  public static func all(from facts: [Fact]) -> [IncidentFigures] {
    var reducers = IncidentReducers()
    for fact in facts { reducers.apply(fact) }
    return reducers.all.compactMap { reducers.figures(of: $0) }
  }

  /// The first time a step was taken, by a device or by any.
  public func step(_ id: StepID, device: String? = nil) -> Step? {
    steps.first { $0.id == id && (device == nil || $0.device == device) }
  }

  /// From one step to another of the same device; nil across boots. Steps of the whole incident (t1, t10) fit every device.
  public func interval(from: StepID, to: StepID, device: String) -> Nanoseconds? {
    func find(_ id: StepID) -> Step? { steps.first { $0.id == id && ($0.device == device || $0.device == nil) } }
    guard let first = find(from), let last = find(to) else { return nil }
    return last.at - first.at
  }

  /// The object that a `verdict` fact carries as `figures`: integers only.
  public var json: JSON {
    [
      "id": .string(id), "throughSeq": .int(throughSequence), "title": .string(title), "nonce": .string(nonce),
      "receivedBoot": .string(received.boot),
      "receivedNs": .int(received.time.nanoseconds), "policy": policy?.json ?? .null, "limitNs": .whole(limit?.value),
      "steps": .array(steps.map(\.json)), "devices": .array(devices.map(\.json)), "county": countyJSON, "province": provinceJSON,
      "refusals": .array(refusals.map(\.json)), "retries": .array(retries.map(\.json)), "offers": .int(Int64(offers)),
      "shown": .array(shown.map(\.json)), "breakdown": breakdown?.json ?? .null, "closed": .bool(isClosed), "verdict": .string(verdict.rawValue),
      "reasons": .array(reasons.map { .string($0.rawValue) }),
    ]
  }

  private var countyJSON: JSON {
    guard let county else { return .null }
    return [
      "timeNs": .whole(county.time?.value), "bridged": county.bridged?.json ?? .null, "lowerNs": .whole(county.lower?.value),
      "device": .string(county.device),
      "unit": .string(county.unit),
    ]
  }

  private var provinceJSON: JSON {
    guard let province else { return .null }
    return [
      "name": .string(province.name), "grade": .string(province.grade.rawValue), "device": .string(province.device),
      "unit": .string(province.unit), "countyBracket": province.countyBracket?.json ?? .null,
      "provinceBracket": province.provinceBracket?.json ?? .null, "dated": province.dated?.json ?? .null,
    ]
  }
}
