internal import Crypto
internal import Hub
internal import Logging
public import Measure
public import Model
internal import NIOCore
internal import NIOPosix

/// Opens and closes incidents, runs their clocks, looks for each device's first picture, and says what the facts amount to.
///
/// The desk decides nothing that is not a fact: its figures are ``IncidentFigures`` of the journal, so a restarted node goes on where it stood.
public actor IncidentDesk {
  private struct Running {
    var opened: Fact
    var devices: [RegisteredDevice]
    var probes: [PictureProbe] = []
    var watches: [StreamWatch] = []
    var warned: Set<Int64> = []
    var missed = false
    var lastVerdict = Verdict.undetermined
    /// Reasons already told of each device, so that a black camera does not fill the journal.
    var refused: Set<String> = []
    /// What browsers presented already, and uplinks whose clock bridges a reboot of ours.
    var shown: Set<String> = []
    var bridged: Set<String> = []
  }

  private let environment: DeskEnvironment
  private let policy: Policy
  private let upper: UpperTier
  private var facts: [Fact] = []
  /// The newest sequence number that the feed brought.
  private var throughSequence: Int64 = 0
  private var running: [String: Running] = [:]
  private var byExternal: [String: String] = [:]
  private var figuresCache: [String: IncidentFigures] = [:]

  public init(_ environment: DeskEnvironment, policy: Policy, upper: UpperTier) {
    self.environment = environment
    self.policy = policy
    self.upper = upper
  }

  // MARK: Facts

  /// Takes the journal's facts from before this start, and goes on with the incidents that are still open.
  public func recover(from journal: [Fact]) async {
    facts = journal.filter { IncidentFigures.kinds.contains($0.kind) }
    throughSequence = journal.last?.sequence ?? 0
    let closed = Set(facts.filter { $0.kind == FactKind.incidentClosed }.compactMap { $0["incident"]?.stringValue })
    for opened in facts where opened.kind == FactKind.incidentOpened {
      guard let id = opened["incident"]?.stringValue else { continue }
      if let external = opened["external"]?.stringValue { byExternal[external] = id }
      guard !closed.contains(id) else { continue }
      running[id] = resumed(opened, id)
      await begin(id)
    }
  }

  private func resumed(_ opened: Fact, _ id: String) -> Running {
    let devices = (opened["devices"]?.arrayValue ?? []).compactMap { entry -> RegisteredDevice? in
      guard let name = entry["device"]?.stringValue, let stream = entry["stream"]?.stringValue.flatMap({ StreamName($0) }) else { return nil }
      return RegisteredDevice(
        name: name, stream: stream, deviceClass: entry["class"]?.stringValue.flatMap(DeviceClass.init(rawValue:)) ?? .soloKit)
    }
    var one = Running(opened: opened, devices: devices)
    for fact in facts where fact["incident"]?.stringValue == id {
      if fact.kind == FactKind.incidentWarning, let minutes = fact["minutes"]?.intValue { one.warned.insert(minutes) }
      if fact.kind == FactKind.incidentMissed { one.missed = true }
      if fact.kind == FactKind.clockBridge, fact.boot == environment.hub.clock.bootID, let uplink = fact["uplink"]?.stringValue {
        one.bridged.insert(uplink)
      }
      if fact.kind == FactKind.pictureShown { one.shown.insert(IncidentDesk.presentation(fact.fields)) }
      if fact.kind == FactKind.pictureRefused, let device = fact["device"]?.stringValue, let reason = fact["reason"]?.stringValue {
        one.refused.insert("\(device) \(reason)")
      }
    }
    return one
  }

  /// Takes a fact that the journal just made durable, in the journal's order and without gaps: only on such a prefix may a verdict be published,
  /// or recomputation would find another.
  public func take(_ fact: Fact) {
    guard fact.sequence > throughSequence else { return }
    throughSequence = fact.sequence
    guard IncidentFigures.kinds.contains(fact.kind) else { return }
    _ = insert(fact)
    figuresCache.removeAll()
    if fact.kind == FactKind.incidentClosed, let id = fact["incident"]?.stringValue {
      if let figures = settled(id) { record(figures) }
    }
    for id in running.keys { judge(id) }
  }

  /// Keeps ``facts`` in the journal's order: a committed fact may be here before the subscription brings those ahead of it. False when it is here.
  private func insert(_ fact: Fact) -> Bool {
    var at = facts.endIndex
    while at > facts.startIndex, facts[at - 1].sequence >= fact.sequence {
      if facts[at - 1].sequence == fact.sequence { return false }
      at -= 1
    }
    facts.insert(fact, at: at)
    return true
  }

  /// The figures of what the journal has told without a gap.
  private func settled(_ id: String) -> IncidentFigures? {
    IncidentFigures.compute(id, from: facts.filter { $0.sequence <= throughSequence })
  }

  /// The figures for display: with facts that are durable already but ahead of the feed.
  private func figures(_ id: String) -> IncidentFigures? {
    if let known = figuresCache[id] { return known }
    let made = IncidentFigures.compute(id, from: facts)
    figuresCache[id] = made
    return made
  }

  /// Writes a verdict fact when the facts so far have settled the matter or changed it.
  private func judge(_ id: String) {
    guard let figures = settled(id), figures.verdict != running[id]?.lastVerdict, figures.verdict != .undetermined else { return }
    running[id]?.lastVerdict = figures.verdict
    record(figures)
  }

  private func record(_ figures: IncidentFigures) {
    environment.hub.facts.record(
      FactKind.verdict,
      [
        "incident": .string(figures.id), "policy": figures.policy?.json ?? .null, "verdict": .string(figures.verdict.rawValue),
        "reasons": .array(figures.reasons.map { .string($0.rawValue) }), "figures": figures.json,
      ])
  }

  // MARK: Requests

  /// t1: journaled and fsynced before this returns. Throws ``FaultCode/requestInvalid`` or `.deviceUnknown`.
  public func open(_ request: OpenRequest) async throws -> IncidentOutput {
    if let external = request.external, let known = byExternal[external], let figures = figures(known) { return IncidentOutput(figures) }
    guard !request.title.isEmpty, request.title.utf8.count <= 400 else { throw Fault(.requestInvalid, "title") }
    guard request.devices.count <= 256 else { throw Fault(.requestInvalid, "devices") }
    let devices = try request.devices.map { name throws(Fault) in try environment.register.resolve(name) }
    let id = IncidentID.make(at: environment.hub.clock.wallTime())
    if let external = request.external { byExternal[external] = id }
    let opened = try await environment.hub.facts.commit(FactKind.incidentOpened, openedFields(request, id, devices))
    running[id] = Running(opened: opened, devices: devices)
    show(opened)
    for device in devices { await commit(FactKind.incidentCalledOut, ["incident": .string(id), "device": .string(device.name)]) }
    await begin(id)
    guard let figures = figures(id) else { throw Fault(.incidentUnknown, id) }
    return IncidentOutput(figures)
  }

  private func openedFields(_ request: OpenRequest, _ id: String, _ devices: [RegisteredDevice]) -> [String: JSON] {
    let hash = Hex.encode(SHA256.hash(data: Array(policy.body.text.utf8)))
    return [
      "incident": .string(id), "title": .string(request.title), "nonce": .string(RandomHex.digits(32)),
      "receivedAt": request.receivedAt.map { .string($0.description) } ?? .null, "external": request.external.map(JSON.string) ?? .null,
      "devices": .array(
        devices.map { ["device": .string($0.name), "stream": .string($0.stream.path), "class": .string($0.deviceClass.rawValue)] }),
      "policy": ["id": .string(policy.id), "version": .int(policy.version), "sha256": .string(hash), "body": policy.body],
      "beacons": .array(upper.beacons()),
    ]
  }

  /// t10: the order is closed; its figures stay.
  public func close(_ id: String, reason: String?) async throws -> IncidentOutput {
    guard figures(id) != nil else { throw Fault(.incidentUnknown, id) }
    guard let one = running.removeValue(forKey: id) else { throw Fault(.incidentClosed, id) }
    for probe in one.probes { probe.cancel() }
    for watch in one.watches { watch.end() }
    upper.withdraw(id)
    await commit(FactKind.incidentClosed, ["incident": .string(id), "reason": reason.map(JSON.string) ?? .null])
    guard let figures = figures(id) else { throw Fault(.incidentUnknown, id) }
    return IncidentOutput(figures)
  }

  /// A step that a person reports: t3 `acknowledged`, t4 `onScene`, t9 `voice`.
  public func note(_ step: String, incident id: String, device: String) async throws -> IncidentOutput {
    guard let one = running[id] else { throw Fault(figures(id) == nil ? .incidentUnknown : .incidentClosed, id) }
    guard one.devices.contains(where: { $0.name == device }) else { throw Fault(.deviceUnknown, device) }
    let kinds = ["acknowledged": FactKind.incidentAcknowledged, "onScene": FactKind.incidentOnScene, "voice": FactKind.incidentVoice]
    guard let kind = kinds[step] else { throw Fault(.requestInvalid, "step \(step)") }
    var fields: [String: JSON] = ["incident": .string(id), "device": .string(device)]
    if kind == FactKind.incidentOnScene { fields["how"] = "button" }
    await commit(kind, fields)
    guard let figures = figures(id) else { throw Fault(.incidentUnknown, id) }
    return IncidentOutput(figures)
  }

  /// A browser in the hall presented a picture of a device (measurement.md §4.5): told once a device, viewer and kind of picture.
  public func shown(_ picture: PresentedPicture, incident id: String) async throws -> IncidentOutput {
    guard let one = running[id] else { throw Fault(figures(id) == nil ? .incidentUnknown : .incidentClosed, id) }
    guard let device = one.devices.first(where: { $0.name == picture.device }) else { throw Fault(.deviceUnknown, picture.device) }
    let fields: [String: JSON] = [
      "incident": .string(id), "device": .string(device.name), "stream": .string(device.stream.path), "what": .string(picture.what.rawValue),
      "viewer": .string(picture.viewer), "ageNs": picture.age.map { .int($0.value) } ?? .null,
    ]
    // A hall has a few screens; who sends more names than that fills journals.
    if one.shown.count < 256, running[id]?.shown.insert(IncidentDesk.presentation(fields)).inserted == true {
      await commit(FactKind.pictureShown, fields, at: picture.heard)
    }
    return try show(id)
  }

  private static func presentation(_ fields: [String: JSON]) -> String {
    ["device", "what", "viewer"].map { fields[$0]?.stringValue ?? "" }.joined(separator: "\n")
  }

  public func show(_ id: String) throws(Fault) -> IncidentOutput {
    guard let figures = figures(id) else { throw Fault(.incidentUnknown, id) }
    return IncidentOutput(figures)
  }

  /// All incidents, the newest first.
  public func list() -> [IncidentOutput] {
    facts.filter { $0.kind == FactKind.incidentOpened }.compactMap { $0["incident"]?.stringValue }
      .reversed().compactMap { figures($0).map(IncidentOutput.init) }
  }

  /// The figures of all incidents in the order of their opening.
  public func allFigures() -> [IncidentFigures] {
    facts.filter { $0.kind == FactKind.incidentOpened }.compactMap { $0["incident"]?.stringValue }.compactMap(figures)
  }

  /// Incidents that are open, with their t1 on this node's boot clock; nil for one that was opened before a reboot.
  public func openClocks() -> [(id: String, title: String, received: BootTime?)] {
    let boot = environment.hub.clock.bootID
    return running.map { id, one in (id, one.opened["title"]?.stringValue ?? "", one.opened.boot == boot ? one.opened.bootTime : nil) }
  }

  private func commit(_ kind: String, _ fields: [String: JSON], at: BootTime? = nil) async {
    do {
      let fact = try await environment.hub.facts.commit(kind, fields, at: at)
      show(fact)
    } catch { environment.logger.error("fact not durable", metadata: ["kind": "\(kind)", "error": "\(error)"]) }
  }

  /// Makes a committed fact visible at once; the feed brings it again in its place.
  private func show(_ fact: Fact) {
    guard IncidentFigures.kinds.contains(fact.kind), insert(fact) else { return }
    figuresCache.removeAll()
  }

  // MARK: Running incidents

  /// Starts what a running incident needs: E1 to the upper tier, probes and watches on its streams.
  private func begin(_ id: String) async {
    guard let one = running[id] else { return }
    var floors: [UpperTier.Floor] = []
    for device in one.devices {
      let snapshot = try? await environment.hub.snapshot(of: device.stream)
      let newest = snapshot?.newestUnit
      floors.append(UpperTier.Floor(stream: device.stream, epoch: newest?.epoch ?? 0, number: newest.map { $0.number &+ 1 } ?? 0))
      let isLive = snapshot?.condition == .live
      start(device, incident: id, opened: one.opened, watching: isLive)
    }
    upper.announce(one.opened, floors)
  }

  private func start(_ device: RegisteredDevice, incident id: String, opened: Fact, watching: Bool) {
    // After a reboot every frame is later than t1.
    let from = opened.boot == environment.hub.clock.bootID ? opened.bootTime : BootTime(nanoseconds: 0)
    let alreadySeen = figures(id)?.step(.t6, device: device.name) != nil
    if !alreadySeen {
      let probe = PictureProbe.start(
        on: device.stream, of: environment.hub, loop: environment.loop, decoder: environment.decoder,
        condition: PictureProbe.Condition(receivedFrom: from)
      ) { [weak self] sighting in Task { await self?.saw(sighting, device, id) } }
      running[id]?.probes.append(probe)
    }
    guard watching, figures(id)?.step(.t5k, device: device.name) == nil else { return }
    let hub = environment.hub
    let watch = StreamWatch(loop: environment.loop, from: from) { kind, unit in
      hub.facts.record(
        kind,
        [
          "stream": .string(device.stream.path), "incident": .string(id), "unit": .string(unit.id.description),
          "firstArrivalNs": .int(unit.firstArrival.nanoseconds), "session": .string("\(unit.id.origin.node)-\(unit.id.epoch)"),
        ], at: kind == FactKind.streamFirstPacket ? unit.firstArrival : unit.arrival)
    }
    watch.begin(on: device.stream, of: hub)
    running[id]?.watches.append(watch)
  }

  private func saw(_ sighting: PictureProbe.Sighting, _ device: RegisteredDevice, _ id: String) async {
    guard running[id] != nil else { return }
    switch sighting {
    case .first(let unit, let picture, let decoded):
      await store(picture, id, device)
      await commit(
        FactKind.pictureDecoded,
        sightingFields(unit, device, id).merging([
          "vclSha256": .string(picture.vclSHA256), "jpegSha256": .string(picture.jpegSHA256), "visible": .bool(picture.visible),
          "dark": .bool(picture.dark), "decodedNs": .int(decoded.nanoseconds), "width": .int(Int64(picture.width)),
          "height": .int(Int64(picture.height)),
        ]) { $1 }, at: decoded)
    case .second(let unit, let picture, let decoded):
      await commit(
        FactKind.pictureSecond,
        sightingFields(unit, device, id).merging(["vclSha256": .string(picture.vclSHA256), "decodedNs": .int(decoded.nanoseconds)]) { $1 },
        at: decoded)
    case .refused(let unit, let reason):
      guard running[id]?.refused.insert("\(device.name) \(reason)").inserted == true else { return }
      await commit(
        FactKind.pictureRefused, sightingFields(unit, device, id).merging(["reason": .string(reason)]) { $1 }, at: unit.arrival)
    }
  }

  private func sightingFields(_ unit: AccessUnit, _ device: RegisteredDevice, _ id: String) -> [String: JSON] {
    [
      "incident": .string(id), "device": .string(device.name), "stream": .string(device.stream.path), "unit": .string(unit.id.description),
      "unitArrivalNs": .int(unit.firstArrival.nanoseconds),
    ]
  }

  /// `DATA/snapshots/{node}-{incident}-{index of the device}.jpg`.
  private func store(_ picture: DecodedPicture, _ id: String, _ device: RegisteredDevice) async {
    let index = running[id]?.devices.firstIndex(of: device) ?? 0
    let folder = environment.dataFolder + "/snapshots"
    let path = "\(folder)/\(environment.hub.node)-\(id)-\(index).jpg"
    let bytes = Array(picture.jpeg.readableBytesView)
    do {
      try await NIOThreadPool.singleton.runIfActive {
        try Disk.makeFolder(folder)
        try Disk.replace(path, with: bytes)
      }
    } catch { environment.logger.error("snapshot not stored", metadata: ["path": "\(path)", "error": "\(error)"]) }
  }

  // MARK: Clocks

  /// Once a second: warnings at 20 and 25 minutes, `missed` at 30; the clock of an incident never stops.
  public func tick() async {
    await bridge()
    let now = environment.hub.clock.bootTime()
    for (id, one) in running {
      guard figures(id)?.province == nil || figures(id)?.verdict != .pass, let elapsed = elapsed(one.opened, at: now) else { continue }
      let due = policy.due(after: elapsed)
      for minutes in due.warnings where !one.warned.contains(minutes) {
        running[id]?.warned.insert(minutes)
        await commit(FactKind.incidentWarning, ["incident": .string(id), "minutes": .int(minutes)])
      }
      if due.isMissed, !one.missed {
        running[id]?.missed = true
        await commit(FactKind.incidentMissed, ["incident": .string(id), "limitNs": .int(policy.limitNs)])
      }
    }
  }

  /// Since t1. Of an incident from before a reboot it is the most that it can be, by the clock of the upper node, which went on since the beacon in E1:
  /// good for a warning, and no figure.
  private func elapsed(_ opened: Fact, at now: BootTime) -> Nanoseconds? {
    if opened.boot == environment.hub.clock.bootID { return now - opened.bootTime }
    let beacons = opened["beacons"]?.arrayValue ?? []
    for offset in upper.offsets() {
      let beacon = beacons.first { $0["uplink"] == offset["uplink"] && $0["boot"] == offset["peerBoot"] }
      guard let sent = beacon?["ns"]?.intValue, let high = offset["highNs"]?.intValue else { continue }
      return Nanoseconds(now.nanoseconds &+ high &- sent)
    }
    return nil
  }

  /// Incidents of an earlier boot: says once a boot and uplink where the upper node's clock lies, for that clock went on while ours began anew.
  private func bridge() async {
    let earlier = running.filter { $0.value.opened.boot != environment.hub.clock.bootID }
    guard !earlier.isEmpty else { return }
    let now = environment.hub.clock.bootTime()
    for offset in upper.offsets() {
      guard let fields = offset.objectValue, let uplink = fields["uplink"]?.stringValue else { continue }
      for id in earlier.keys where running[id]?.bridged.insert(uplink).inserted == true {
        await commit(FactKind.clockBridge, fields.merging(["incident": .string(id)]) { $1 }, at: now)
      }
    }
  }
}
