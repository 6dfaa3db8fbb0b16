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

  /// - Parameter policy: of kind `response`; embedded in every incident that is opened.
  public init(_ environment: DeskEnvironment, policy: Policy, upper: UpperTier) {
    self.environment = environment
    self.policy = policy
    self.upper = upper
    index = IncidentIndex(facts: environment.hub.facts, logger: environment.logger)
    clocks = IncidentClocks(index, policy: policy, upper: upper, boot: environment.hub.clock.bootID)
    pictures = FirstPictures(environment, index)
  }

  /// Everybody who needs the facts of incidents, in the order in which they recover: this desk begins anew what is open, when the others know all.
  public nonisolated var consumers: [any FactConsumer] { [index, clocks, pictures, self] }

  // MARK: FactConsumer

  /// Goes on with the incidents that are still open.
  public func recover(from past: [Fact]) async {
    let closed = Set(past.filter { $0.kind == FactKind.incidentClosed }.compactMap(\.incident))
    for fact in past {
      guard let opened = IncidentOpenedFact(fact) else { continue }
      if let external = opened.external { byExternal[external] = opened.incident }
      guard !closed.contains(opened.incident) else { continue }
      let shown = past.filter { $0.incident == opened.incident }.compactMap { PictureShownFact($0) }
      running[opened.incident] = Running(devices: IncidentDesk.devices(of: opened), shown: Set(shown.map { Presentation($0) }))
      await begin(fact)
    }
  }

  private static func devices(of opened: IncidentOpenedFact) -> [RegisteredDevice] {
    opened.devices.compactMap { entry in
      entry.stream.value.map { RegisteredDevice(name: entry.device, stream: $0, deviceClass: entry.deviceClass?.value ?? .soloKit) }
    }
  }

  // MARK: Requests

  /// t1: journaled and fsynced before this returns. Throws ``FaultCode/requestInvalid`` or `.deviceUnknown`.
  public func open(_ request: OpenRequest) async throws -> IncidentOutput {
    if let external = request.external, let known = byExternal[external], let figures = await index.figures(of: known) {
      return IncidentOutput(figures)
    }
    guard !request.title.isEmpty, request.title.utf8.count <= 400 else { throw Fault(.requestInvalid, "title") }
    guard request.devices.count <= 256 else { throw Fault(.requestInvalid, "devices") }
    let devices = try request.devices.map { name throws(Fault) in try environment.register.resolve(name) }
    let id = IncidentID.make(at: environment.hub.clock.wallTime())
    if let external = request.external { byExternal[external] = id }
    let opened = try await index.commit(fact(request, id, devices))
    running[id] = Running(devices: devices)
    for device in devices { await index.commitOrLog(IncidentStepFact(.calledOut, incident: id, device: device.name)) }
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
    upper.announce(opened, floors)
  }

  /// t10: the order is closed; its figures stay. Throws ``FaultCode/incidentUnknown`` or `.incidentClosed`.
  public func close(_ id: String, reason: String?) async throws -> IncidentOutput {
    guard running.removeValue(forKey: id) != nil else { throw await notRunning(id) }
    await pictures.end(id)
    upper.withdraw(id)
    await index.commitOrLog(IncidentClosedFact(incident: id, reason: reason))
    return try await show(id)
  }

  /// A step that a person reports: t3 `acknowledged`, t4 `onScene`, t9 `voice`. Throws ``FaultCode/requestInvalid`` for another.
  public func note(_ step: String, incident id: String, device: String) async throws -> IncidentOutput {
    guard let one = running[id] else { throw await notRunning(id) }
    guard one.devices.contains(where: { $0.name == device }) else { throw Fault(.deviceUnknown, device) }
    guard let step = IncidentStepFact.Step(rawValue: step), step != .calledOut else { throw Fault(.requestInvalid, "step \(step)") }
    await index.commitOrLog(IncidentStepFact(step, incident: id, device: device, how: step == .onScene ? "button" : nil))
    return try await show(id)
  }

  /// A browser in the hall presented a picture of a device (measurement.md §4.5): recorded once a device, viewer and kind of picture.
  public func shown(_ picture: PresentedPicture, incident id: String) async throws -> IncidentOutput {
    guard let one = running[id] else { throw await notRunning(id) }
    guard let device = one.devices.first(where: { $0.name == picture.device }) else { throw Fault(.deviceUnknown, picture.device) }
    let fact = PictureShownFact(
      incident: id, device: device.name, stream: device.stream, what: picture.what, viewer: picture.viewer, age: picture.age)
    if one.shown.count < IncidentDesk.mostPresentations, running[id]?.shown.insert(Presentation(fact)).inserted == true {
      await index.commitOrLog(fact, at: picture.received)
    }
    return try await show(id)
  }

  private func notRunning(_ id: String) async -> Fault {
    Fault(await index.figures(of: id) == nil ? .incidentUnknown : .incidentClosed, id)
  }

  // MARK: Answers

  /// One incident. Throws ``FaultCode/incidentUnknown``.
  public func show(_ id: String) async throws -> IncidentOutput {
    guard let figures = await index.figures(of: id) else { throw Fault(.incidentUnknown, id) }
    return IncidentOutput(figures)
  }

  /// All incidents, the newest first.
  public func list() async -> [IncidentOutput] { await index.all().reversed().map { IncidentOutput($0) } }

  /// The figures of all incidents in the order of their opening.
  public func allFigures() async -> [IncidentFigures] { await index.all() }

  /// Incidents that are open, with their t1 on this node's boot clock; nil for one that was opened before a reboot.
  public func openClocks() async -> [(id: String, title: String, received: BootTime?)] {
    let boot = environment.hub.clock.bootID
    return await index.open.map { ($0.key, $0.value.title, $0.value.fact.boot == boot ? $0.value.fact.bootTime : nil) }
  }
}
