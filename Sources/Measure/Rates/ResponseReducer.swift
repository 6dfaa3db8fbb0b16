internal import Model

/// Makes the units of 三十分钟响应率 from the incidents' figures, and from the facts of their time why a picture did not come.
///
/// Of an incident that nothing can change any more the unit alone is kept.
struct ResponseReducer: Sendable {
  private struct Running: Sendable {
    var received: NodeInstant
    var limit: Nanoseconds?
    var evidence: [String: StreamEvidence]
    var hasLink = false
    var isRunning = true
  }

  private var started: [String: Running] = [:]
  private var running: [String] = []
  private var months: [String: String] = [:]
  private var towns: [String: [String: String]] = [:]
  private var uplinks: Set<String> = []
  /// Of incidents that nothing can change any more.
  private(set) var settled: [String: RateUnit] = [:]

  /// - Parameter book: what was known before this fact.
  mutating func apply(_ fact: Fact, _ book: StreamBook) {
    switch fact.kind {
    case FactKind.nodeStarted: uplinks.removeAll()
    case FactKind.linkUp: if let uplink = fact.uplink { uplinks.insert(uplink) }
    case FactKind.linkDown: if let uplink = fact.uplink { uplinks.remove(uplink) }
    default: break
    }
    for id in running { advance(id, fact) }
    running.removeAll { started[$0]?.isRunning != true }
    guard let opened = IncidentOpenedFact(fact), started[opened.incident] == nil else { return }
    begin(opened, fact, book)
  }

  /// Whether an incident's facts of its time are all there: what they say does not change any more.
  func isOver(_ id: String) -> Bool { started[id]?.isRunning != true }

  /// Nothing can change this incident any more.
  mutating func settle(_ incident: IncidentFigures) {
    settled[incident.id] = unit(incident)
    started[incident.id] = nil
    running.removeAll { $0 == incident.id }
    towns[incident.id] = nil
    months[incident.id] = nil
  }

  private mutating func advance(_ id: String, _ fact: Fact) {
    guard var one = started[id] else { return }
    if let limit = one.limit, let since = NodeInstant(fact) - one.received, since <= limit {
      for device in one.evidence.keys { one.evidence[device]?.apply(fact) }
      one.hasLink = !uplinks.isEmpty
    } else {
      one.isRunning = false
    }
    started[id] = one
  }

  private mutating func begin(_ opened: IncidentOpenedFact, _ fact: Fact, _ book: StreamBook) {
    let limit = opened.policy?.body.flatMap { try? Policy($0) }.map { Nanoseconds($0.limitNs) }
    var one = Running(received: NodeInstant(fact), limit: limit, evidence: [:], hasLink: !uplinks.isEmpty)
    for device in opened.devices where one.evidence[device.device] == nil {
      let stream = device.stream.text
      one.evidence[device.device] = StreamEvidence(
        stream: stream, start: one.received, limit: limit ?? .zero, state: book.states[stream] ?? .init())
      towns[opened.incident, default: [:]][device.device] = book.devices[device.device]?.town
    }
    months[opened.incident] = RateUnit.month(fact.wall)
    started[opened.incident] = one
    running.append(opened.incident)
  }

  /// What the figures of an incident count as.
  func unit(_ incident: IncidentFigures) -> RateUnit {
    let winner = incident.province?.device ?? incident.county?.device
    let device =
      incident.devices.first { $0.name == winner } ?? incident.devices.first(where: \.isEligible) ?? incident.devices.first
    var unit = RateUnit(id: incident.id)
    unit.device = device?.name
    unit.stream = device?.stream
    unit.deviceClass = device?.deviceClass?.rawValue
    unit.town = device.flatMap { towns[incident.id]?[$0.name] }
    unit.link = incident.province?.name
    unit.month = months[incident.id]
    unit.rule = incident.policy
    switch incident.verdict {
    case .pass: unit.outcome = .pass
    case .fail: fail(&unit, incident)
    case .undetermined:
      let isRunning = incident.reasons.contains(.running)
      unit.outcome = isRunning ? .pending : .undetermined
      unit.reasons = incident.reasons.map(\.rawValue)
    }
    return unit
  }

  // MARK: Why it failed

  private func fail(_ unit: inout RateUnit, _ incident: IncidentFigures) {
    unit.outcome = .fail
    let (reason, step, device) = cause(incident)
    unit.reasons = [reason.rawValue]
    unit.step = step
    guard let device else { return }
    unit.device = device.name
    unit.stream = device.stream
    unit.deviceClass = device.deviceClass?.rawValue
    unit.town = towns[incident.id]?[device.name]
  }

  private func cause(_ incident: IncidentFigures) -> (FailureReason, StepID, IncidentDevice?) {
    if let name = incident.province?.device, let device = incident.devices.first(where: { $0.name == name }) {
      let late = [StepID.t2, .t5, .t5k, .t6].first { step in
        guard let limit = incident.limit, let at = incident.step(step, device: name)?.at, let since = at - incident.received else {
          return false
        }
        return since > limit
      }
      return (.timeout, late ?? .t8, device)
    }
    // The device that got furthest speaks for the incident; the first of several.
    var best: (rank: Int, device: IncidentDevice)?
    for device in incident.devices where device.isEligible {
      let rank = ResponseReducer.rank(incident, device.name)
      if rank > best?.rank ?? -1 { best = (rank, device) }
    }
    guard let best else { return (.operator, .t2, nil) }
    switch best.rank {
    case 4: return (lastMile(incident), .t8, best.device)
    case 3: return (.undecodable, .t6, best.device)
    case 2: return (.noKeyframe, .t5k, best.device)
    case 1: return (started[incident.id]?.evidence[best.device.name]?.reasonWithoutMedia ?? .offline, .t5, best.device)
    default: return (.operator, .t2, best.device)
    }
  }

  /// Steps that were reached: called out, packets, key frame, picture.
  private static func rank(_ incident: IncidentFigures, _ device: String) -> Int {
    if incident.step(.t6, device: device) != nil { return 4 }
    if incident.step(.t5k, device: device) != nil { return 3 }
    if incident.step(.t5, device: device) != nil { return 2 }
    return incident.step(.t2, device: device) != nil ? 1 : 0
  }

  private func lastMile(_ incident: IncidentFigures) -> FailureReason {
    if incident.refusals.contains(where: { $0.what == "receipt" }) { return .refused }
    return started[incident.id]?.hasLink == true ? .timeout : .network
  }
}
