internal import Evidence
internal import Hub
public import Journal
internal import Logging
public import Measure
public import Model
internal import NIOCore

/// Asks devices for a live picture outside incidents (roll-call, spot check, standing probe), records when the time for one is over, and keeps what was
/// approved to leave a rate's denominator.
///
/// It judges nothing: 联通率 is ``RateFigures`` of the facts that it writes.
public actor ConnectionDesk: FactConsumer {
  /// A request whose time runs.
  private struct Waiting {
    var device: String
    var stream: FactText<StreamName>
    var incident: String?
    var attempt: String?
    var start: BootTime
    var probe: PictureProbe?
  }

  /// A node that was down for longer says nothing of the requests before.
  private static let longestStop = Nanoseconds.seconds(86_400)

  /// What begins and ends a request.
  public nonisolated let kinds: Set<String> = [
    FactKind.incidentCalledOut, FactKind.incidentClosed, FactKind.connectionRequested, FactKind.connectionMissed, FactKind.pictureDecoded,
  ]
  private let environment: DeskEnvironment
  private let policy: Policy
  /// By attempt, or by incident and device.
  private var waiting: [String: Waiting] = [:]

  /// - Parameter policy: of kind `connection`.
  public init(_ environment: DeskEnvironment, policy: Policy) {
    self.environment = environment
    self.policy = policy
  }

  /// Embeds the policy and the register, so that whoever computes again needs no configuration. Once, at the node's start.
  /// - Parameter sha256: of the policy's canonical text.
  public static func embed(_ policy: Policy, sha256: String, _ register: [(device: RegisteredDevice, town: String?)], into facts: any FactSink) {
    facts.record(ProfileEmbeddedFact(.policy, EmbeddedRule(RuleReference(policy, sha256: sha256), body: policy.body)))
    for (device, town) in register {
      facts.record(DeviceRegisteredFact(device: device.name, stream: device.stream, deviceClass: device.deviceClass, town: town))
    }
  }

  // MARK: FactConsumer

  /// Goes on with the requests of this boot whose time still runs, or ended within a day while the node was down.
  public func recover(_ past: FactHistory) async throws(Fault) {
    for fact in try await recent(past).reversed() { note(fact) }
    for (key, one) in waiting {
      if let attempt = one.attempt, let stream = one.stream.value {
        waiting[key]?.probe = probe(attempt, one.device, stream, from: one.start)
      }
    }
  }

  /// The newest first, up to the first that is too old.
  private func recent(_ past: FactHistory) async throws(Fault) -> [Fact] {
    let (boot, now) = (environment.hub.clock.bootID, environment.hub.clock.bootTime())
    let longest = Nanoseconds(policy.limitNs) + ConnectionDesk.longestStop
    var found: [Fact] = []
    var next: FactQuery? = FactQuery(kinds: kinds.sorted(), newestFirst: true)
    while let query = next {
      let page = try await past.page(query)
      let fitting = page.prefix { $0.boot == boot && now - $0.bootTime <= longest }
      found += fitting
      next = fitting.count < page.count ? nil : query.following(page)
    }
    return found
  }

  /// Begins and ends the time of requests and call-outs.
  public func apply(_ fact: Fact) async { note(fact) }

  private func note(_ fact: Fact) {
    switch fact.kind {
    case FactKind.incidentCalledOut:
      guard let step = IncidentStepFact(fact), let key = ConnectionDesk.key(fact) else { return }
      wait(
        key,
        Waiting(device: step.device, stream: FactText(text: fact.stream ?? step.device), incident: step.incident, start: fact.bootTime))
    case FactKind.connectionRequested:
      guard let request = ConnectionRequestedFact(fact) else { return }
      wait(
        request.attempt, Waiting(device: request.device, stream: request.stream, attempt: request.attempt, start: fact.bootTime))
    case FactKind.pictureDecoded: if PictureDecodedFact(fact)?.content.isVisible == true { settle(fact) }
    case FactKind.connectionMissed: settle(fact)
    case FactKind.incidentClosed: for (key, one) in waiting where one.incident == fact.incident { waiting[key] = nil }
    default: break
    }
  }

  private static func key(_ fact: Fact) -> String? {
    if let attempt = fact.attempt { return attempt }
    guard let incident = fact.incident, let device = fact.device else { return nil }
    return "\(incident)/\(device)"
  }

  private func wait(_ key: String, _ one: Waiting) { if waiting[key] == nil { waiting[key] = one } }

  private func settle(_ fact: Fact) {
    if let key = ConnectionDesk.key(fact) { waiting.removeValue(forKey: key)?.probe?.cancel() }
  }

  /// Records whose time is over.
  public func tick(at now: BootTime) async {
    for (key, one) in waiting where (now - one.start).value > policy.limitNs {
      waiting.removeValue(forKey: key)?.probe?.cancel()
      environment.hub.facts.record(
        ConnectionMissedFact(device: one.device, limit: Nanoseconds(policy.limitNs), attempt: one.attempt, incident: one.incident))
    }
  }

  // MARK: Requests

  /// Asks a device for a live picture. Durable when this returns; a fact says later that the picture came, or that it did not.
  /// - Parameter how: `rollCall`, `spotCheck` or `probe`. Throws ``FaultCode/requestInvalid`` or `.deviceUnknown`.
  /// - Returns: `{attempt, device, stream, limitNs}`, as the API answers.
  public func request(_ name: String, how: String) async throws -> JSON {
    guard let way = ConnectionRequestedFact.Way(rawValue: how) else { throw Fault(.requestInvalid, "how \(how)") }
    let device = try await known(name)
    let attempt = "c-" + IncidentID.make(at: environment.hub.clock.wallTime())
    let fact = try await environment.hub.facts.commit(
      ConnectionRequestedFact(attempt: attempt, device: device.name, stream: device.stream, deviceClass: device.deviceClass, how: way))
    note(fact)
    waiting[attempt]?.probe = probe(attempt, device.name, device.stream, from: fact.bootTime)
    return [
      "attempt": .string(attempt), "device": .string(device.name), "stream": .string(device.stream.path),
      "limitNs": .int(policy.limitNs),
    ]
  }

  /// The device that is registered under a name, or whose stream is here now. Any other is a slip of the pen, which must not count against 联通率.
  private func known(_ name: String) async throws -> RegisteredDevice {
    let device = try environment.register.resolve(name)
    if environment.register.devices.contains(device) { return device }
    guard let stream = try await environment.hub.snapshot(of: device.stream), stream.condition != .waiting else { throw Fault(.deviceUnknown, name) }
    return device
  }

  private func probe(_ attempt: String, _ device: String, _ stream: StreamName, from start: BootTime) -> PictureProbe {
    let evidence = PictureEvidence(
      PictureWish(attempt: attempt, device: device, stream: stream, node: environment.hub.node), dataFolder: environment.dataFolder)
    return PictureProbe.start(
      on: stream, of: environment.hub, loop: environment.loop, decoder: environment.decoder,
      condition: PictureProbe.Condition(receivedFrom: start)
    ) { [weak self] sighting in Task { await self?.keep(sighting, evidence, attempt) } }
  }

  private func keep(_ sighting: PictureProbe.Sighting, _ evidence: PictureEvidence, _ attempt: String) async {
    guard waiting[attempt] != nil else { return }
    switch sighting {
    case .first(let unit, let picture, let decoded):
      do { try await evidence.store(picture) } catch {
        environment.logger.error("snapshot not stored", metadata: ["path": "\(evidence.path)", "error": "\(error)"])
      }
      environment.hub.facts.record(evidence.first(unit, picture, decoded: decoded), at: decoded)
    // One picture is a connection.
    case .second: break
    case .refused(let unit, let reason):
      if let refusal = evidence.refused(unit, reason) { environment.hub.facts.record(refusal, at: unit.arrival) }
    }
  }

  // MARK: Exclusions

  /// Keeps that something is to leave a denominator, and by whose leave: the name goes into a file of its own, its commitment into the fact.
  /// Throws ``FaultCode/requestInvalid``.
  public func exclude(_ request: ExclusionRequest) async throws -> Fact {
    try request.check()
    let approver = try await PrivateStore(dataFolder: environment.dataFolder).keep(.string(request.approver))
    return try await environment.hub.facts.commit(request.fact(by: PersonCommitment(id: approver.id, sha256: approver.sha256)))
  }
}
