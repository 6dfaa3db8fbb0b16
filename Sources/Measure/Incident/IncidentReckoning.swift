internal import Model

/// Takes the county's facts one by one, in their order, and makes an incident's figures of them.
struct IncidentReckoning {
  private struct Sent {
    var at: NodeInstant
    var uplink: String
    var unitArrival: NodeInstant?
  }

  private struct Picture {
    var fact: Fact
    var device: String
    var unit: String
    var vclSha256: String
    var arrival: NodeInstant
  }

  private let opened: Fact
  private let start: NodeInstant
  private let policy: Policy?
  private let beaconNonces: Set<String>
  private var figures: IncidentFigures
  private var isPast = false
  private var liveStreams: Set<String> = []
  private var sent: [String: [Sent]] = [:]
  private var arrivals: [String: NodeInstant] = [:]
  /// What the county's own decoder saw of a unit: hashes of its slices.
  private var contents: [String: String] = [:]
  private var pictures: [Picture] = []
  private var newest: BootTime
  private var newestBoot: String
  private var connected: [String: NodeInstant] = [:]
  private var announced: Set<String> = []
  private var isRestarted = false
  private var offered: Set<String> = []
  private var bridges: [(uplink: String, offset: ClockOffset)] = []
  private var proof: Proof?

  /// The first receipt that counts.
  private struct Proof {
    var receipt: Receipt
    var uplink: String
    var received: NodeInstant
    var sent: NodeInstant
    var offset: ClockOffset?
    var isBeaconKnown: Bool
  }

  init(_ opened: Fact, incident: String) {
    self.opened = opened
    start = NodeInstant(opened)
    newest = opened.bootTime
    newestBoot = opened.boot
    policy = opened["policy"]?["body"].flatMap { try? Policy($0) }
    beaconNonces = Set((opened["beacons"]?.arrayValue ?? []).compactMap { $0["nonce"]?.stringValue })
    figures = IncidentFigures(
      id: incident, title: opened["title"]?.stringValue ?? "", nonce: opened["nonce"]?.stringValue ?? "",
      throughSequence: opened.sequence, received: start,
      receivedWall: opened.wall, receivedAt: opened["receivedAt"]?.stringValue, policy: RuleReference(opened["policy"]),
      limit: policy.map { Nanoseconds($0.limitNs) })
    let eligible = policy?.eligibleClasses ?? []
    for entry in opened["devices"]?.arrayValue ?? [] {
      guard let name = entry["device"]?.stringValue else { continue }
      var device = IncidentDevice(name: name, stream: entry["stream"]?.stringValue ?? name)
      device.deviceClass = entry["class"]?.stringValue.flatMap(DeviceClass.init(rawValue:))
      device.isEligible = device.deviceClass.map(eligible.contains) ?? false
      figures.devices.append(device)
    }
  }

  mutating func take(_ fact: Fact) {
    figures.throughSequence = max(figures.throughSequence, fact.sequence)
    if fact.hash == opened.hash && fact.sequence == opened.sequence { return begin() }
    guard isPast else { return before(fact) }
    newestBoot = fact.boot
    if fact.boot == start.boot { newest = max(newest, fact.bootTime) }
    switch fact.kind {
    case FactKind.streamFirstPacket: streamStep(.t5, fact)
    case FactKind.streamFirstKeyframe: streamStep(.t5k, fact)
    case FactKind.keyframeSent: keyframeSent(fact)
    case FactKind.streamStarted, FactKind.streamResumed: streamConnected(fact)
    case FactKind.nodeStarted: isRestarted = true
    default:
      guard fact["incident"]?.stringValue == figures.id else { return }
      takeOwn(fact)
    }
  }

  /// Facts that name this incident.
  private mutating func takeOwn(_ fact: Fact) {
    switch fact.kind {
    case FactKind.incidentCalledOut: deviceStep(.t2, fact)
    case FactKind.incidentAcknowledged: deviceStep(.t3, fact)
    case FactKind.incidentOnScene: deviceStep(.t4, fact)
    case FactKind.incidentVoice: deviceStep(.t9, fact)
    case FactKind.incidentClosed:
      figures.isClosed = true
      if figures.step(.t10) == nil { figures.steps.append(Step(.t10, fact)) }
    case FactKind.incidentAnnounced: announcedUp(fact)
    case FactKind.clockBridge:
      if let uplink = fact["uplink"]?.stringValue, let offset = ClockOffset(.object(fact.fields), at: NodeInstant(fact)) {
        bridges.append((uplink, offset))
      }
    case FactKind.pictureShown: if let shown = ShownPicture(fact, start: start) { figures.shown.append(shown) }
    case FactKind.pictureDecoded: pictureDecoded(fact)
    case FactKind.pictureSecond: pictureSecond(fact)
    case FactKind.pictureRefused: refuse("picture", fact["device"]?.stringValue, fact["reason"]?.stringValue ?? "refused", fact)
    case FactKind.receiptReceived: receiptReceived(fact)
    case FactKind.receiptRefused: refuse("receipt", fact["uplink"]?.stringValue, fact["reason"]?.stringValue ?? "refused", fact)
    default: break
    }
  }

  mutating func finish() -> IncidentFigures {
    if policy?.secondPictureRequired == true { decideCounty() }
    bridgeCounty()
    judge()
    figures.offers = offered.count
    sortSteps()
    figures.breakdown = figures.breakdown(connected: connected)
    splitUplink()
    return figures
  }

  /// By boot in the order in which they were met, t1's first; then by time; then as they were told.
  private mutating func sortSteps() {
    var boots: [String: Int] = [:]
    for step in figures.steps where boots[step.at.boot] == nil { boots[step.at.boot] = boots.count }
    let sorted = figures.steps.enumerated().sorted { a, b in
      (boots[a.element.at.boot] ?? 0, a.element.at.time, a.offset) < (boots[b.element.at.boot] ?? 0, b.element.at.time, b.offset)
    }
    figures.steps = sorted.map(\.element)
  }

  // MARK: - Streams

  /// Before t1: which streams were already live.
  private mutating func before(_ fact: Fact) {
    switch fact.kind {
    case FactKind.nodeStarted: liveStreams.removeAll()
    case FactKind.streamStarted, FactKind.streamResumed: if let stream = fact["stream"]?.stringValue { liveStreams.insert(stream) }
    case FactKind.streamEnded: if let stream = fact["stream"]?.stringValue { liveStreams.remove(stream) }
    default: break
    }
  }

  private mutating func begin() {
    isPast = true
    figures.steps.append(Step(.t1, opened))
    for index in figures.devices.indices { figures.devices[index].isPreopened = liveStreams.contains(figures.devices[index].stream) }
  }

  private mutating func streamStep(_ id: StepID, _ fact: Fact) {
    if let named = fact["incident"]?.stringValue, named != figures.id { return }
    guard isAfterStart(NodeInstant(fact)), let stream = fact["stream"]?.stringValue else { return }
    for device in figures.devices where device.stream == stream { add(id, fact, device.name) }
  }

  private mutating func streamConnected(_ fact: Fact) {
    let at = NodeInstant(fact)
    guard isAfterStart(at), let stream = fact["stream"]?.stringValue else { return }
    for device in figures.devices where device.stream == stream && connected[device.name] == nil { connected[device.name] = at }
  }

  private mutating func announcedUp(_ fact: Fact) {
    guard let uplink = fact["uplink"]?.stringValue, figures.province == nil else { return }
    // A kill may have taken the fact of the first: after a restart it is said again in any case.
    guard !announced.insert(uplink).inserted || isRestarted else { return }
    figures.retries.append(Retry(uplink: uplink, peerBoot: fact["peerBoot"]?.stringValue, at: NodeInstant(fact)))
  }

  private mutating func deviceStep(_ id: StepID, _ fact: Fact) {
    guard let device = fact["device"]?.stringValue else { return }
    add(id, fact, device)
  }

  private mutating func add(_ id: StepID, _ fact: Fact, _ device: String, uncertainty: Nanoseconds = .zero) {
    guard figures.step(id, device: device) == nil else { return }
    figures.steps.append(Step(id, fact, device: device, uncertainty: uncertainty))
  }

  /// Facts are taken in the journal's order, so one of a later boot is later; within the boot of t1 the clock decides.
  private func isAfterStart(_ instant: NodeInstant) -> Bool {
    guard let since = instant - start else { return true }
    return since >= .zero
  }

  // MARK: - County's picture

  private mutating func pictureDecoded(_ fact: Fact) {
    guard let name = fact["device"]?.stringValue, let unit = fact["unit"]?.stringValue, let arrivalNs = fact["unitArrivalNs"]?.intValue
    else {
      return
    }
    let arrival = NodeInstant(fact).at(BootTime(nanoseconds: arrivalNs))
    arrivals[unit] = arrivals[unit] ?? arrival
    if contents[unit] == nil { contents[unit] = fact["vclSha256"]?.stringValue }
    guard let device = figures.devices.first(where: { $0.name == name }) else { return refuse("picture", name, "notEligible", fact) }
    guard isAfterStart(arrival) else { return refuse("picture", name, "beforeReceived", fact) }
    guard fact["visible"]?.boolValue == true else { return refuse("picture", name, "black", fact) }
    add(.t6, fact, name, uncertainty: fact.bootTime - arrival.time)
    guard device.isEligible else { return refuse("picture", name, "notEligible", fact) }
    pictures.append(Picture(fact: fact, device: name, unit: unit, vclSha256: fact["vclSha256"]?.stringValue ?? "", arrival: arrival))
    if policy?.secondPictureRequired != true { decideCounty() }
  }

  private mutating func pictureSecond(_ fact: Fact) {
    guard let name = fact["device"]?.stringValue, let unit = fact["unit"]?.stringValue else { return }
    let within = Nanoseconds(policy?.secondPictureWithinNs ?? 5_000_000_000)
    let isSecond = pictures.contains { first in
      guard first.device == name, first.unit != unit, first.vclSha256 != fact["vclSha256"]?.stringValue ?? "",
        let after = NodeInstant(fact) - NodeInstant(first.fact)
      else { return false }
      return after >= .zero && after <= within
    }
    guard isSecond, let index = figures.devices.firstIndex(where: { $0.name == name }) else { return }
    figures.devices[index].isAlive = true
  }

  /// The first picture that counts; the others are listed as steps.
  private mutating func decideCounty() {
    guard figures.county == nil, let first = countyPicture else { return }
    let at = NodeInstant(first.fact)
    figures.county = IncidentFigures.County(time: at - start, lower: first.arrival - start, device: first.device, unit: first.unit)
  }

  private var countyPicture: Picture? {
    let isRequired = policy?.secondPictureRequired == true
    return pictures.first { picture in !isRequired || figures.devices.contains { $0.name == picture.device && $0.isAlive } }
  }

  // MARK: - Province's picture

  private mutating func keyframeSent(_ fact: Fact) {
    guard let unit = fact["unit"]?.stringValue else { return }
    let at = NodeInstant(fact)
    let arrival = fact["unitArrivalNs"]?.intValue.map { at.at(BootTime(nanoseconds: $0)) }
    sent[unit, default: []].append(Sent(at: at, uplink: fact["uplink"]?.stringValue ?? "", unitArrival: arrival))
    guard figures.province == nil, arrival.map(isAfterStart) ?? false, let stream = fact["stream"]?.stringValue else { return }
    if figures.devices.contains(where: { $0.stream == stream && $0.isEligible }) { offered.insert(unit) }
  }

  private mutating func receiptReceived(_ fact: Fact) {
    let uplink = fact["uplink"]?.stringValue ?? ""
    guard let receipt = Receipt(fact["receipt"]) else { return refuse("receipt", uplink, "malformed", fact) }
    let device = figures.devices.first { $0.stream == receipt.stream }
    if let reason = objection(to: receipt, fact, device) { return refuse("receipt", uplink, reason, fact) }
    guard let device, let first = firstSent(receipt.unit, uplink) else { return }
    let received = NodeInstant(fact)
    var countyBracket: Bracket?
    if let lower = first.at - start, let upper = received - start { countyBracket = Bracket(lower: lower, upper: upper) }
    add(.t8, fact, device.name, uncertainty: (received - first.at) ?? .zero)
    guard figures.province == nil else { return }
    // The beacon must be one that E1 carried: a receipt cannot choose its own.
    let isBeaconKnown = receipt.beaconNonce.map(beaconNonces.contains) == true
    let provinceBracket = isBeaconKnown ? receipt.bracket : nil
    let offset = ClockOffset(fact["offset"], at: received)
    proof = Proof(receipt: receipt, uplink: uplink, received: received, sent: first.at, offset: offset, isBeaconKnown: isBeaconKnown)
    figures.province = IncidentFigures.Province(
      name: receipt.province, grade: provinceBracket == nil ? .countyClockOnly : receipt.grade, countyBracket: countyBracket,
      provinceBracket: provinceBracket, dated: dated(within: countyBracket), device: device.name, unit: receipt.unit)
  }

  /// c(E7) − c(E1) by the offset that was known when the receipt came, within what is proven.
  private func dated(within countyBracket: Bracket?) -> Bracket? {
    guard let proof, let offset = proof.offset, offset.peerBoot == proof.receipt.boot, let countyBracket else { return nil }
    let seen = offset.own(of: proof.receipt.decoded)
    guard let lower = proof.received.at(seen.earliest) - start, let upper = proof.received.at(seen.latest) - start else { return nil }
    return Bracket(lower: lower, upper: upper)?.intersection(countyBracket)
  }

  /// T_county of a county that rebooted, over the clock of the province, which did not (docs/facts.md).
  private mutating func bridgeCounty() {
    guard let first = countyPicture, let county = figures.county, county.time == nil, let proof, proof.isBeaconKnown,
      let heard = proof.receipt.heard, let beacon = proof.receipt.beacon
    else { return }
    let at = NodeInstant(first.fact)
    let fitting = bridges.first {
      $0.uplink == proof.uplink && $0.offset.peerBoot == proof.receipt.boot && $0.offset.at.sharesClock(with: at)
    }
    guard let seen = fitting?.offset.upper(of: at) else { return }
    figures.county?.bridged = Bracket(lower: seen.earliest - heard, upper: seen.latest - beacon)
  }

  /// How the uplink's part went: to the first byte, to the province's eyes, back.
  private mutating func splitUplink() {
    guard let proof, let device = figures.breakdown?.device, device == figures.province?.device else { return }
    let decoded = figures.step(.t6, device: device)
    figures.breakdown?.sent = decoded.flatMap { proof.sent - $0.at }
    guard let dated = figures.province?.dated, let sent = proof.sent - start, let received = proof.received - start else { return }
    figures.breakdown?.up = Bracket(lower: dated.lower - sent, upper: dated.upper - sent)
    figures.breakdown?.back = Bracket(lower: received - dated.upper, upper: received - dated.lower)
  }

  /// Why a receipt does not count; nil when it does.
  private func objection(to receipt: Receipt, _ fact: Fact, _ device: IncidentDevice?) -> String? {
    guard fact["verified"]?.boolValue == true else { return "signature" }
    guard receipt.incident == figures.id, receipt.nonce == figures.nonce, !figures.nonce.isEmpty else { return "nonce" }
    guard receipt.openedSha256 == opened.hash, receipt.county == opened.node else { return "opened" }
    guard receipt.isVisible else { return "black" }
    guard !receipt.isDisordered else { return "times" }
    guard let device, device.isEligible else { return "notEligible" }
    if let arrival = arrivals[receipt.unit] ?? sent[receipt.unit]?.compactMap(\.unitArrival).first, !isAfterStart(arrival) {
      return "beforeReceived"
    }
    guard let first = firstSent(receipt.unit, fact["uplink"]?.stringValue ?? "") else { return "unit" }
    // Nothing transcodes on the way up: a unit that both decoded is the same at both.
    if let seen = contents[receipt.unit], seen != receipt.vclSha256 { return "content" }
    if let taken = NodeInstant(fact) - first.at, taken < .zero { return "times" }
    return nil
  }

  /// The first time a unit was written to an uplink at or after t1: a repeat could be later than the decode that it is to bound from below.
  private func firstSent(_ unit: String, _ uplink: String) -> Sent? {
    sent[unit]?.first { $0.uplink == uplink && isAfterStart($0.at) }
  }

  private mutating func refuse(_ what: String, _ from: String?, _ reason: String, _ fact: Fact) {
    figures.refusals.append(Refusal(what: what, from: from ?? "", reason: reason, at: NodeInstant(fact)))
  }

  // MARK: - Verdict

  private mutating func judge() {
    guard let policy, let limit = figures.limit else { return conclude(.undetermined, [.policyUnreadable]) }
    guard let province = figures.province else { return judgeWithoutPicture(limit) }
    var reasons: Set<IncidentReason> = []
    let brackets = [province.countyBracket, province.provinceBracket].compactMap { $0 }
    if brackets.count == 2, !brackets[0].overlaps(brackets[1]) { reasons.insert(.bracketsDisagree) }
    if province.countyBracket == nil { reasons.insert(.countyRebooted) }
    if brackets.contains(where: { $0.lower > limit }) { return conclude(.fail, reasons.union([.late])) }
    let isClockOnly = province.provinceBracket == nil
    if isClockOnly { reasons.insert(.countyClockOnly) }
    let isAccepted = isClockOnly ? policy.countyClockOnlyCounts : policy.acceptedGrades.contains(province.grade)
    if !isClockOnly && !isAccepted { reasons.insert(.gradeNotAccepted) }
    if brackets.contains(where: { $0.upper > limit }) { reasons.insert(.straddles) }
    let isMet = !brackets.isEmpty && isAccepted && !reasons.contains(.straddles) && !reasons.contains(.bracketsDisagree)
    conclude(isMet ? .pass : .undetermined, reasons)
  }

  private mutating func judgeWithoutPicture(_ limit: Nanoseconds) {
    if newest - start.time > limit { return conclude(.fail, [.late]) }
    if figures.isClosed { return conclude(.fail, [.noPicture]) }
    conclude(.undetermined, newestBoot == start.boot ? [.running] : [.running, .countyRebooted])
  }

  private mutating func conclude(_ verdict: Verdict, _ reasons: Set<IncidentReason>) {
    figures.verdict = verdict
    figures.reasons = IncidentReason.allCases.filter(reasons.contains)
  }
}
