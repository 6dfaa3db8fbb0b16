internal import Model

/// Makes the attempts of 联通率 from the journal's facts in their order.
struct ConnectionReducer: Sendable {
  private struct Incident: Sendable {
    var opened: NodeInstant
    var devices: [String: (stream: String, deviceClass: String?)]
  }

  private(set) var attempts: [ConnectionAttempt] = []
  private var policy: (limit: Nanoseconds, rule: RuleReference)?
  private var incidents: [String: Incident] = [:]
  /// Attempts that can still be met, and the newest of each device.
  private var running: [Int] = []
  private var newest: [String: Int] = [:]
  private var bySource: [ConnectionAttempt.Source: [Int]] = [:]

  /// - Parameter book: what was known before this fact.
  mutating func apply(_ fact: Fact, _ book: StreamBook) {
    for index in running { attempts[index].apply(fact) }
    running.removeAll { !attempts[$0].isRunning }
    switch fact.kind {
    case FactKind.profileEmbedded: embed(fact)
    case FactKind.incidentOpened: opened(fact)
    case FactKind.incidentCalledOut: calledOut(fact, book)
    case FactKind.connectionRequested: requested(fact, book)
    case FactKind.pictureDecoded: decoded(fact)
    default: break
    }
  }

  private mutating func embed(_ fact: Fact) {
    guard let embedded = ProfileEmbeddedFact(fact), embedded.what?.value == .policy, let rule = embedded.rule.reference,
      let body = embedded.rule.body, let read = try? Policy(body), read.kind == .connection
    else { return }
    policy = (Nanoseconds(read.limitNs), rule)
  }

  private mutating func opened(_ fact: Fact) {
    guard let body = IncidentOpenedFact(fact), incidents[body.incident] == nil else { return }
    var incident = Incident(opened: NodeInstant(fact), devices: [:])
    for entry in body.devices where incident.devices[entry.device] == nil {
      incident.devices[entry.device] = (entry.stream.text, entry.deviceClass?.text)
    }
    incidents[body.incident] = incident
  }

  private mutating func calledOut(_ fact: Fact, _ book: StreamBook) {
    guard let id = fact.incident, let device = fact.device, let incident = incidents[id],
      let named = incident.devices[device], bySource[.incident(id)]?.contains(where: { attempts[$0].device == device }) != true
    else { return }
    let name = ConnectionAttempt.Name(source: .incident(id), from: incident.opened)
    begin(fact, id: "\(id)/\(device)", device: device, stream: named.stream, deviceClass: named.deviceClass, name, book)
  }

  private mutating func requested(_ fact: Fact, _ book: StreamBook) {
    guard let body = ConnectionRequestedFact(fact), bySource[.attempt(body.attempt)] == nil else { return }
    let name = ConnectionAttempt.Name(source: .attempt(body.attempt), from: NodeInstant(fact))
    begin(fact, id: body.attempt, device: body.device, stream: body.stream.text, deviceClass: body.deviceClass?.text, name, book)
  }

  private mutating func begin(
    _ fact: Fact, id: String, device: String, stream: String, deviceClass: String?, _ name: ConnectionAttempt.Name, _ book: StreamBook
  ) {
    let start = NodeInstant(fact)
    if let index = newest[device], attempts[index].adopt(name, at: start) {
      bySource[name.source, default: []].append(index)
      return
    }
    var unit = RateUnit(id: id)
    unit.device = device
    unit.stream = stream
    unit.deviceClass = deviceClass
    unit.town = book.devices[device]?.town
    unit.month = RateUnit.month(fact.wall)
    unit.rule = policy?.rule
    let state = book.states[stream] ?? StreamBook.State()
    newest[device] = attempts.count
    running.append(attempts.count)
    bySource[name.source, default: []].append(attempts.count)
    attempts.append(ConnectionAttempt(unit, device: device, start: start, limit: policy?.limit, name: name, state: state))
  }

  private mutating func decoded(_ fact: Fact) {
    let source = fact.incident.map(ConnectionAttempt.Source.incident) ?? fact.attempt.map(ConnectionAttempt.Source.attempt)
    guard let source, let concerned = bySource[source], let body = PictureDecodedFact(fact) else { return }
    for index in concerned { attempts[index].apply(body, from: source, at: NodeInstant(fact)) }
  }
}
