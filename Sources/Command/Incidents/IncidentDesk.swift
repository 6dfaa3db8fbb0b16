internal import Crypto
internal import Hub
public import Journal
internal import Logging
public import Measure
public import Model

/// What a centre does with incidents: opens and closes them, notes the steps that people report, and answers for all of them.
///
/// The desk decides nothing that is not a fact. Who does what with the facts: ``IncidentIndex`` figures and verdicts, ``IncidentClocks`` warnings,
/// ``FirstPictures`` the pictures; the node brings facts to all of them by ``consumers``.
public actor IncidentDesk: FactConsumer {
  private struct Running {
    var devices: [RegisteredDevice]
    /// Its closing is on the way to the disk.
    var isClosing = false
    /// What browsers presented already.
    var shown: Set<Presentation> = []
  }

  private struct Presentation: Hashable {
    var device: String
    var what: FactText<PictureShownFact.What>
    var viewer: String

    init(_ shown: PictureShownFact) { (device, what, viewer) = (shown.device, shown.what, shown.viewer) }
  }

  /// A hall has a few screens; who sends more names than that fills journals.
  private static let mostPresentations = 256

  /// What is open, and what browsers presented.
  public nonisolated let kinds: Set<String> = [FactKind.incidentOpened, FactKind.incidentClosed, FactKind.pictureShown]
  private let environment: DeskEnvironment
  private let policy: Policy
  private let upper: UpperTier
  private let index: IncidentIndex
  private let clocks: IncidentClocks
  private let pictures: FirstPictures
  private var running: [String: Running] = [:]
  private var byExternal: [String: String] = [:]
  /// Incidents that are being opened for another system, by its id.
  private var opening: [String: Task<IncidentOutput, any Error>] = [:]

  /// - Parameter policy: of kind `response`; embedded in every incident that is opened.
  public init(_ environment: DeskEnvironment, policy: Policy, upper: UpperTier) {
    self.environment = environment
    self.policy = policy
    self.upper = upper
    index = IncidentIndex(
      facts: environment.hub.facts, clock: environment.hub.clock, logger: environment.logger, closed: ClosedIncidents(environment.history))
    clocks = IncidentClocks(index, policy: policy, upper: upper, boot: environment.hub.clock.bootID)
    pictures = FirstPictures(environment, index)
  }

  /// Everybody who needs the facts of incidents, in the order in which they recover: this desk begins anew what is open, when the others know all.
  public nonisolated var consumers: [any FactConsumer] { [index, clocks, pictures, self] }

  // MARK: FactConsumer

  /// Goes on with the incidents that are still open. After the index.
  public func recover(_ past: FactHistory) async throws(Fault) {
    try await past.each(FactQuery(kinds: [FactKind.incidentOpened], limit: FactQuery.largestPage)) { fact throws(Fault) in
      if let opened = IncidentOpenedFact(fact), let external = opened.external { byExternal[external] = opened.incident }
    }
    for (id, one) in await index.open.sorted(by: { $0.value.fact.sequence < $1.value.fact.sequence }) {
      guard let opened = IncidentOpenedFact(one.fact) else { continue }
      let shown = try await past.all(FactQuery(kinds: [FactKind.pictureShown], incident: id, limit: FactQuery.largestPage))
      running[id] = Running(
        devices: IncidentDesk.devices(of: opened), shown: Set(shown.compactMap { PictureShownFact($0) }.map { Presentation($0) }))
      await begin(one.fact)
    }
  }

  private static func devices(of opened: IncidentOpenedFact) -> [RegisteredDevice] {
    opened.devices.compactMap { entry in
      entry.stream.value.map { RegisteredDevice(name: entry.device, stream: $0, deviceClass: entry.deviceClass?.value ?? .soloKit) }
    }
  }

  // MARK: Requests

  /// t1: journaled and fsynced before this returns. Throws ``FaultCode/requestInvalid``, `.deviceUnknown`, or why the disk refuses.
  public func open(_ request: OpenRequest) async throws -> IncidentOutput {
    var request = request
    // Whatever this waits for, t1 is when it was asked for.
    request.readAt = request.readAt ?? environment.hub.clock.bootTime()
    guard let external = request.external else { return try await openNew(request) }
    if let known = byExternal[external] { return try await show(known) }
    // Another system repeats what was not answered yet: one incident, and the same answer to all.
    if let underWay = opening[external] { return try await underWay.value }
    let task = Task { try await openNew(request) }
    opening[external] = task
    defer { opening[external] = nil }
    let made = try await task.value
    byExternal[external] = made.id
    return made
  }

  private func openNew(_ request: OpenRequest) async throws -> IncidentOutput {
    guard !request.title.isEmpty, request.title.utf8.count <= 400 else { throw Fault(.requestInvalid, "title") }
    guard request.devices.count <= 256 else { throw Fault(.requestInvalid, "devices") }
    let devices = try request.devices.map { name throws(Fault) in try environment.register.resolve(name) }
    let id = IncidentID.make(at: environment.hub.clock.wallTime())
    let opened = try await index.commit(fact(request, id, devices), at: request.readAt)
    running[id] = Running(devices: devices)
    for device in devices { await index.commitOrRecord(IncidentStepFact(.calledOut, incident: id, device: device.name)) }
    await begin(opened)
    return try await show(id)
  }

  private func fact(_ request: OpenRequest, _ id: String, _ devices: [RegisteredDevice]) -> IncidentOpenedFact {
    let hash = Hex.encode(SHA256.hash(data: Array(policy.body.text.utf8)))
    return IncidentOpenedFact(
      incident: id, title: request.title, nonce: RandomHex.digits(32), receivedAt: request.receivedAt, external: request.external,
      devices: devices.map { OpenedDevice(device: $0.name, stream: FactText($0.stream), deviceClass: FactText($0.deviceClass)) },
      policy: EmbeddedRule(RuleReference(policy, sha256: hash), body: policy.body), beacons: upper.beacons())
  }

  /// Starts what a running incident needs: probes and watches on its streams, E1 to the upper tier.
  private func begin(_ opened: Fact) async {
    guard let id = opened.incident, let one = running[id] else { return }
    let floors = await pictures.begin(opened, one.devices)
    // It may have been closed meanwhile.
    guard running[id] != nil else { return await pictures.end(id) }
    upper.announce(opened, floors)
  }

  /// t10: the order is closed; its figures stand. Durable when this returns: when the disk refuses, the incident stays open and can be closed again.
  /// Throws ``FaultCode/incidentUnknown``, `.incidentClosed`, or why the disk refuses.
  public func close(_ id: String, reason: String?) async throws -> IncidentOutput {
    guard let one = running[id], !one.isClosing else { throw await notRunning(id) }
    running[id]?.isClosing = true
    do { try await index.commit(IncidentClosedFact(incident: id, reason: reason)) } catch {
      running[id]?.isClosing = false
      throw error
    }
    running[id] = nil
    await pictures.end(id)
    upper.withdraw(id)
    return try await show(id)
  }

  /// A step that a person reports: t3 `acknowledged`, t4 `onScene`, t9 `voice`. Throws ``FaultCode/requestInvalid`` for another.
  public func note(_ step: String, incident id: String, device: String) async throws -> IncidentOutput {
    guard let one = running[id] else { throw await notRunning(id) }
    guard one.devices.contains(where: { $0.name == device }) else { throw Fault(.deviceUnknown, device) }
    guard let step = IncidentStepFact.Step(rawValue: step), step != .calledOut else { throw Fault(.requestInvalid, "step \(step)") }
    try await index.commit(IncidentStepFact(step, incident: id, device: device, how: step == .onScene ? "button" : nil))
    return try await show(id)
  }

  /// A browser in the hall presented a picture of a device (measurement.md §4.5): recorded once a device, viewer and kind of picture.
  public func shown(_ picture: PresentedPicture, incident id: String) async throws -> IncidentOutput {
    guard let one = running[id] else { throw await notRunning(id) }
    guard let device = one.devices.first(where: { $0.name == picture.device }) else { throw Fault(.deviceUnknown, picture.device) }
    let fact = PictureShownFact(
      incident: id, device: device.name, stream: device.stream, what: picture.what, viewer: picture.viewer, age: picture.age)
    let presentation = Presentation(fact)
    if one.shown.count < IncidentDesk.mostPresentations, running[id]?.shown.insert(presentation).inserted == true {
      do { try await index.commit(fact, at: picture.received) } catch {
        running[id]?.shown.remove(presentation)
        throw error
      }
    }
    return try await show(id)
  }

  private func notRunning(_ id: String) async -> Fault { Fault(await index.knows(id) ? .incidentClosed : .incidentUnknown, id) }

  // MARK: Answers

  /// One incident. Throws ``FaultCode/incidentUnknown``, or why the index cannot be read.
  public func show(_ id: String) async throws -> IncidentOutput {
    guard let figures = try await index.figures(of: id) else { throw Fault(.incidentUnknown, id) }
    return IncidentOutput(figures)
  }

  /// A page of the incidents, the newest first; the first page has all that are open besides.
  /// - Parameters:
  ///   - id: of the incident behind which the page begins; nil for the newest.
  ///   - limit: incidents of a page, 1…200.
  public func list(before id: String?, limit: Int) async throws -> IncidentPage {
    let ids = await index.ids
    var end = ids.endIndex
    if let id {
      guard let place = ids.lastIndex(of: id) else { throw Fault(.incidentUnknown, id) }
      end = place
    }
    let start = max(0, end - max(1, min(limit, IncidentPage.largest)))
    var chosen = Array(ids[start..<end])
    if id == nil {
      let open = await index.open
      chosen = ids[..<start].filter { open[$0] != nil } + chosen
    }
    var page = IncidentPage(incidents: [], next: start > 0 ? ids[start] : nil)
    for id in chosen.reversed() { if let figures = try await index.figures(of: id) { page.incidents.append(IncidentOutput(figures)) } }
    return page
  }

  /// Incidents that are open, with their t1 on this node's boot clock; nil for one that was opened before a reboot.
  public func openClocks() async -> [(id: String, title: String, received: BootTime?)] {
    let boot = environment.hub.clock.bootID
    return await index.open.map { ($0.key, $0.value.title, $0.value.fact.boot == boot ? $0.value.fact.bootTime : nil) }
  }
}
