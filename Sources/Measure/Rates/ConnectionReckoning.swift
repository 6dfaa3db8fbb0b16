internal import Model

/// Makes the attempts of 联通率 from the journal's facts in their order.
struct ConnectionReckoning: Sendable {
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
  mutating func take(_ fact: Fact, _ book: StreamBook) {
    for index in running { attempts[index].take(fact) }
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
    guard fact["what"]?.stringValue == "policy", let rule = RuleReference(.object(fact.fields)),
      let body = fact["body"], let read = try? Policy(body), read.kind == .connection
    else { return }
    policy = (Nanoseconds(read.limitNs), rule)
  }

  private mutating func opened(_ fact: Fact) {
    guard let id = fact["incident"]?.stringValue, incidents[id] == nil else { return }
    var incident = Incident(opened: NodeInstant(fact), devices: [:])
    for entry in fact["devices"]?.arrayValue ?? [] {
      guard let name = entry["device"]?.stringValue, incident.devices[name] == nil else { continue }
      incident.devices[name] = (entry["stream"]?.stringValue ?? name, entry["class"]?.stringValue)
    }
    incidents[id] = incident
  }

  private mutating func calledOut(_ fact: Fact, _ book: StreamBook) {
    guard let id = fact["incident"]?.stringValue, let device = fact["device"]?.stringValue, let incident = incidents[id],
      let named = incident.devices[device], bySource[.incident(id)]?.contains(where: { attempts[$0].device == device }) != true
    else { return }
    let name = ConnectionAttempt.Name(source: .incident(id), from: incident.opened)
    begin(fact, id: "\(id)/\(device)", device: device, stream: named.stream, deviceClass: named.deviceClass, name, book)
  }

  private mutating func requested(_ fact: Fact, _ book: StreamBook) {
    guard let id = fact["attempt"]?.stringValue, let device = fact["device"]?.stringValue, bySource[.attempt(id)] == nil else { return }
    let name = ConnectionAttempt.Name(source: .attempt(id), from: NodeInstant(fact))
    let stream = fact["stream"]?.stringValue ?? device
    begin(fact, id: id, device: device, stream: stream, deviceClass: fact["class"]?.stringValue, name, book)
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
    let source =
      fact["incident"]?.stringValue.map(ConnectionAttempt.Source.incident)
      ?? fact["attempt"]?.stringValue.map(ConnectionAttempt.Source.attempt)
    guard let source else { return }
    for index in bySource[source] ?? [] { attempts[index].takePicture(fact) }
  }
}
