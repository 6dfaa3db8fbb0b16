internal import Hub
internal import Journal
internal import Logging
public import Measure
public import Model
internal import NIOCore
internal import NIOPosix

/// Asks devices for a live picture outside incidents (roll-call, spot check, standing probe), tells when the time for one is over, and keeps what was approved
/// to leave a rate's denominator.
///
/// It judges nothing: 联通率 is ``RateFigures`` of the facts that it writes.
public actor ConnectionDesk {
  /// A request whose time runs.
  private struct Waiting {
    var device: String
    var stream: String
    var incident: String?
    var attempt: String?
    var start: BootTime
    var probe: PictureProbe?
    /// Reasons already told, so that a black camera does not fill the journal.
    var refused: Set<String> = []
  }

  private let environment: DeskEnvironment
  private let policy: Policy
  private var waiting: [String: Waiting] = [:]

  /// - Parameter policy: of kind `connection`.
  public init(_ environment: DeskEnvironment, policy: Policy) {
    self.environment = environment
    self.policy = policy
  }

  /// Embeds the policy and the register, so that whoever computes again needs no configuration. Once, at the node's start.
  public static func embed(_ policy: Policy, sha256: String, _ register: [(device: RegisteredDevice, town: String?)], into facts: any FactSink) {
    facts.record(
      FactKind.profileEmbedded,
      ["what": "policy", "id": .string(policy.id), "version": .int(policy.version), "sha256": .string(sha256), "body": policy.body])
    for (device, town) in register {
      facts.record(
        FactKind.deviceRegistered,
        [
          "device": .string(device.name), "stream": .string(device.stream.path), "class": .string(device.deviceClass.rawValue),
          "town": town.map(JSON.string) ?? .null,
        ])
    }
  }

  // MARK: Facts

  /// Goes on with the requests of this boot whose time still runs.
  public func recover(from journal: [Fact]) {
    for fact in journal where fact.boot == environment.hub.clock.bootID { take(fact) }
    for (key, one) in waiting {
      if let attempt = one.attempt, let stream = StreamName(one.stream) { waiting[key]?.probe = probe(attempt, stream, from: one.start) }
    }
  }

  /// A durable fact, in the journal's order.
  public func take(_ fact: Fact) {
    let incident = fact["incident"]?.stringValue
    let attempt = fact["attempt"]?.stringValue
    guard let device = fact["device"]?.stringValue else {
      if fact.kind == FactKind.incidentClosed { for (key, one) in waiting where one.incident == incident { waiting[key] = nil } }
      return
    }
    guard let key = attempt ?? incident.map({ "\($0)/\(device)" }) else { return }
    switch fact.kind {
    case FactKind.incidentCalledOut, FactKind.connectionRequested:
      guard waiting[key] == nil else { return }
      waiting[key] = Waiting(
        device: device, stream: fact["stream"]?.stringValue ?? device, incident: incident, attempt: attempt, start: fact.bootTime)
    case FactKind.pictureDecoded where fact["visible"]?.boolValue == true, FactKind.connectionMissed:
      waiting.removeValue(forKey: key)?.probe?.cancel()
    default: break
    }
  }

  /// Once a second: tells whose time is over.
  public func tick() {
    let now = environment.hub.clock.bootTime()
    for (key, one) in waiting where (now - one.start).value > policy.limitNs {
      waiting.removeValue(forKey: key)?.probe?.cancel()
      var fields: [String: JSON] = ["device": .string(one.device), "limitNs": .int(policy.limitNs)]
      if let attempt = one.attempt { fields["attempt"] = .string(attempt) }
      if let incident = one.incident { fields["incident"] = .string(incident) }
      environment.hub.facts.record(FactKind.connectionMissed, fields)
    }
  }

  // MARK: Requests

  /// Asks a device for a live picture. Durable when this returns; the picture, or that none came, is told by facts.
  /// - Parameter how: `rollCall`, `spotCheck` or `probe`. Throws ``FaultCode/requestInvalid`` or `.deviceUnknown`.
  public func request(_ name: String, how: String) async throws -> JSON {
    guard ["rollCall", "spotCheck", "probe"].contains(how) else { throw Fault(.requestInvalid, "how \(how)") }
    let device = try environment.register.resolve(name)
    let attempt = "c-" + IncidentID.make(at: environment.hub.clock.wallTime())
    let fact = try await environment.hub.facts.commit(
      FactKind.connectionRequested,
      [
        "attempt": .string(attempt), "device": .string(device.name), "stream": .string(device.stream.path),
        "class": .string(device.deviceClass.rawValue), "how": .string(how),
      ])
    take(fact)
    waiting[attempt]?.probe = probe(attempt, device.stream, from: fact.bootTime)
    return [
      "attempt": .string(attempt), "device": .string(device.name), "stream": .string(device.stream.path),
      "limitNs": .int(policy.limitNs),
    ]
  }

  private func probe(_ attempt: String, _ stream: StreamName, from start: BootTime) -> PictureProbe {
    PictureProbe.start(
      on: stream, of: environment.hub, loop: environment.loop, decoder: environment.decoder,
      condition: PictureProbe.Condition(receivedFrom: start)
    ) { [weak self] sighting in Task { await self?.saw(sighting, attempt) } }
  }

  private func saw(_ sighting: PictureProbe.Sighting, _ attempt: String) async {
    guard let one = waiting[attempt] else { return }
    switch sighting {
    case .first(let unit, let picture, let decoded):
      await store(picture, attempt)
      environment.hub.facts.record(
        FactKind.pictureDecoded,
        fields(unit, one, attempt).merging([
          "vclSha256": .string(picture.vclSHA256), "jpegSha256": .string(picture.jpegSHA256), "visible": .bool(picture.visible),
          "dark": .bool(picture.dark), "decodedNs": .int(decoded.nanoseconds), "width": .int(Int64(picture.width)),
          "height": .int(Int64(picture.height)),
        ]) { $1 }, at: decoded)
    case .second: break
    case .refused(let unit, let reason):
      guard waiting[attempt]?.refused.insert(reason).inserted == true else { return }
      environment.hub.facts.record(
        FactKind.pictureRefused, fields(unit, one, attempt).merging(["reason": .string(reason)]) { $1 }, at: unit.arrival)
    }
  }

  private func fields(_ unit: AccessUnit, _ one: Waiting, _ attempt: String) -> [String: JSON] {
    [
      "attempt": .string(attempt), "device": .string(one.device), "stream": .string(one.stream), "unit": .string(unit.id.description),
      "unitArrivalNs": .int(unit.firstArrival.nanoseconds),
    ]
  }

  /// `DATA/snapshots/{node}-{attempt}-0.jpg`.
  private func store(_ picture: DecodedPicture, _ attempt: String) async {
    let folder = environment.dataFolder + "/snapshots"
    let path = "\(folder)/\(environment.hub.node)-\(attempt)-0.jpg"
    let bytes = Array(picture.jpeg.readableBytesView)
    do {
      try await NIOThreadPool.singleton.runIfActive {
        try Disk.makeFolder(folder)
        try Disk.replace(path, with: bytes)
      }
    } catch { environment.logger.error("snapshot not stored", metadata: ["path": "\(path)", "error": "\(error)"]) }
  }

  // MARK: Exclusions

  /// Keeps that something is to leave a denominator, and by whose leave: the name goes into a file of its own, its commitment into the fact.
  public func exclude(_ request: ExclusionRequest) async throws -> Fact {
    try request.check()
    let approver = try await PrivateStore(dataFolder: environment.dataFolder).keep(.string(request.approver))
    return try await environment.hub.facts.commit(
      FactKind.exclusionApproved, request.fields.merging(["by": approver.json]) { $1 })
  }
}
