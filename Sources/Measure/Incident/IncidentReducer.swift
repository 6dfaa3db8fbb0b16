internal import Model

/// Applies the county's facts one by one, in their order, and makes an incident's figures of them.
struct IncidentReducer {
  struct Sent {
    var at: NodeInstant
    var uplink: String
    var unitArrival: NodeInstant?
  }

  struct Picture {
    var at: NodeInstant
    var device: String
    var unit: String
    var vclSha256: String
    var arrival: NodeInstant
  }

  /// The first receipt that counts.
  struct Proof {
    var receipt: Receipt
    var uplink: String
    var received: NodeInstant
    var sent: NodeInstant
    var offset: ClockOffset?
    var isBeaconKnown: Bool
  }

  let opened: Fact
  let start: NodeInstant
  let policy: Policy?
  let beaconNonces: Set<String>
  var figures: IncidentFigures
  /// Key units that were written up, by unit.
  var sent: [String: [Sent]] = [:]
  /// Arrivals of decoded units, and what the county's own decoder saw of each: hashes of its slices.
  var arrivals: [String: NodeInstant] = [:]
  var contents: [String: String] = [:]
  /// Pictures of eligible devices that count.
  var pictures: [Picture] = []
  /// Key units of eligible devices that were sent up after t1.
  var offered: Set<String> = []
  var bridges: [(uplink: String, offset: ClockOffset)] = []
  var proof: Proof?
  /// Boot and time of the newest fact of t1's boot: how time passes here.
  private(set) var newest: BootTime
  private(set) var newestBoot: String
  /// The first admission of each device's stream after t1.
  private var connected: [String: NodeInstant] = [:]
  private var announced: Set<String> = []
  private var isRestarted = false

  /// - Parameters:
  ///   - body: of `opened`.
  ///   - live: the streams that were live at that moment.
  init(_ opened: Fact, _ body: IncidentOpenedFact, live: LiveStreams) {
    self.opened = opened
    start = NodeInstant(opened)
    newest = opened.bootTime
    newestBoot = opened.boot
    policy = body.policy?.body.flatMap { try? Policy($0) }
    beaconNonces = Set(body.beacons.compactMap(\.nonce))
    figures = IncidentFigures(
      id: body.incident, title: body.title, nonce: body.nonce, throughSequence: opened.sequence, received: start,
      receivedWall: opened.wall, receivedAt: body.receivedAt, policy: body.policy?.reference, limit: policy.map { Nanoseconds($0.limitNs) })
    let eligible = policy?.eligibleClasses ?? []
    for entry in body.devices {
      var device = IncidentDevice(name: entry.device, stream: entry.stream.text)
      device.deviceClass = entry.deviceClass?.value
      device.isEligible = device.deviceClass.map(eligible.contains) ?? false
      device.isPreopened = live.names.contains(device.stream)
      figures.devices.append(device)
    }
    figures.steps.append(Step(.t1, opened))
  }

  /// A fact after E1, in the journal's order. Figures stand with the incident's closing: after it only facts that name the incident count.
  mutating func apply(_ fact: Fact) {
    guard fact.node == opened.node, !figures.isClosed || fact.incident == figures.id else { return }
    figures.throughSequence = max(figures.throughSequence, fact.sequence)
    newestBoot = fact.boot
    if fact.boot == start.boot { newest = max(newest, fact.bootTime) }
    switch fact.kind {
    case FactKind.streamFirstPacket: streamStep(.t5, fact)
    case FactKind.streamFirstKeyframe: streamStep(.t5k, fact)
    case FactKind.keyframeSent: keyframeSent(fact)
    case FactKind.streamStarted, FactKind.streamResumed: streamConnected(fact)
    case FactKind.nodeStarted: isRestarted = true
    default:
      guard fact.incident == figures.id else { return }
      applyOwn(fact)
    }
  }

  /// Facts that name this incident.
  private mutating func applyOwn(_ fact: Fact) {
    switch fact.kind {
    case FactKind.incidentCalledOut, FactKind.incidentAcknowledged, FactKind.incidentOnScene, FactKind.incidentVoice: deviceStep(fact)
    case FactKind.incidentClosed:
      figures.isClosed = true
      if figures.step(.t10) == nil { figures.steps.append(Step(.t10, fact)) }
    case FactKind.incidentAnnounced: announcedUp(fact)
    case FactKind.clockBridge:
      if let bridge = ClockBridgeFact(fact), let offset = ClockOffset(bridge.offset, at: NodeInstant(fact)) {
        bridges.append((bridge.uplink, offset))
      }
    case FactKind.pictureShown: if let shown = ShownPicture(fact, start: start) { figures.shown.append(shown) }
    case FactKind.pictureDecoded: pictureDecoded(fact)
    case FactKind.pictureSecond: pictureSecond(fact)
    case FactKind.pictureRefused: refuse("picture", fact.device, PictureRefusedFact(fact)?.reason ?? "refused", fact)
    case FactKind.receiptReceived: receiptReceived(fact)
    case FactKind.receiptRefused: refuse("receipt", fact.uplink, ReceiptRefusedFact(fact)?.reason ?? "refused", fact)
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

  /// By boot in the order in which they were met, t1's first; then by time; then as they were recorded.
  private mutating func sortSteps() {
    var boots: [String: Int] = [:]
    for step in figures.steps where boots[step.at.boot] == nil { boots[step.at.boot] = boots.count }
    let sorted = figures.steps.enumerated().sorted { a, b in
      (boots[a.element.at.boot] ?? 0, a.element.at.time, a.offset) < (boots[b.element.at.boot] ?? 0, b.element.at.time, b.offset)
    }
    figures.steps = sorted.map(\.element)
  }

  // MARK: Streams and steps

  private mutating func streamStep(_ id: StepID, _ fact: Fact) {
    if let named = fact.incident, named != figures.id { return }
    guard isAfterStart(NodeInstant(fact)), let stream = fact.stream else { return }
    for device in figures.devices where device.stream == stream { add(id, fact, device.name) }
  }

  private mutating func streamConnected(_ fact: Fact) {
    let at = NodeInstant(fact)
    guard isAfterStart(at), let stream = fact.stream else { return }
    for device in figures.devices where device.stream == stream && connected[device.name] == nil { connected[device.name] = at }
  }

  private mutating func announcedUp(_ fact: Fact) {
    guard let announcement = IncidentAnnouncedFact(fact), figures.province == nil else { return }
    // A kill may have cost the fact of the first: after a restart E1 is announced again in any case.
    guard !announced.insert(announcement.uplink).inserted || isRestarted else { return }
    figures.retries.append(Retry(uplink: announcement.uplink, peerBoot: announcement.peerBoot, at: NodeInstant(fact)))
  }

  private mutating func deviceStep(_ fact: Fact) {
    guard let body = IncidentStepFact(fact) else { return }
    add(StepID(body.step), fact, body.device)
  }

  mutating func add(_ id: StepID, _ fact: Fact, _ device: String, uncertainty: Nanoseconds = .zero) {
    guard figures.step(id, device: device) == nil else { return }
    figures.steps.append(Step(id, fact, device: device, uncertainty: uncertainty))
  }

  /// Facts come in the journal's order, so one of a later boot is later; within the boot of t1 the clock decides.
  func isAfterStart(_ instant: NodeInstant) -> Bool {
    guard let since = instant - start else { return true }
    return since >= .zero
  }

  mutating func refuse(_ what: String, _ from: String?, _ reason: String, _ fact: Fact) {
    figures.refusals.append(Refusal(what: what, from: from ?? "", reason: reason, at: NodeInstant(fact)))
  }
}
