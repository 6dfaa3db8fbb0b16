internal import Model

/// Makes the lines of 连线质量达标率 from the journal's facts in their order.
struct QualityReckoning: Sendable {
  private(set) var lines: [QualityLine] = []
  private(set) var profiles: [String: QualityProfile] = [:]
  private var bySession: [String: Int] = [:]
  /// The newest line of each stream.
  private var byStream: [String: Int] = [:]

  /// - Parameter book: what was known before this fact.
  mutating func take(_ fact: Fact, _ book: StreamBook) {
    switch fact.kind {
    case FactKind.nodeStarted: for index in lines.indices where lines[index].isOpen { close(index, fact) }
    case FactKind.profileEmbedded:
      guard fact["what"]?.stringValue == "profile", let rule = RuleReference(.object(fact.fields)), let body = fact["body"],
        let profile = try? QualityProfile(body)
      else { return }
      profiles[rule.sha256] = profile
    case FactKind.streamStarted, FactKind.streamResumed: begin(fact, book)
    case FactKind.streamInterrupted, FactKind.streamEnded:
      guard let index = fact["session"]?.stringValue.flatMap({ bySession[$0] }), lines[index].isOpen else { return }
      close(index, fact)
    case FactKind.qualityWindow: window(fact, book)
    default: break
    }
  }

  private mutating func close(_ index: Int, _ fact: Fact) {
    let at = NodeInstant(fact)
    lines[index].isOpen = false
    lines[index].mayReturn = fact.kind != FactKind.nodeStarted && fact["cause"]?.stringValue != FaultCode.streamEnded.rawValue
    lines[index].lastMedia = fact["lastMediaNs"]?.intValue.map { at.at(BootTime(nanoseconds: $0)) } ?? at
    if at.sharesClock(with: lines[index].start) { lines[index].end = at.time }
  }

  private mutating func begin(_ fact: Fact, _ book: StreamBook) {
    guard let session = fact["session"]?.stringValue, let stream = fact["stream"]?.stringValue, bySession[session] == nil,
      fact["hop"]?.stringValue != Hop.viewer.rawValue
    else { return }
    if fact.kind == FactKind.streamResumed, let before = fact["previousSession"]?.stringValue.flatMap({ bySession[$0] }) {
      lines[before].goOn(session, at: NodeInstant(fact))
      bySession[session] = before
      return
    }
    if let before = byStream[stream], lines[before].isReturn(at: NodeInstant(fact)) {
      lines[before].goOn(session, at: NodeInstant(fact))
      bySession[session] = before
      return
    }
    add(fact, session, stream, NodeInstant(fact), book)
  }

  private mutating func window(_ fact: Fact, _ book: StreamBook) {
    guard let session = fact["session"]?.stringValue, let stream = fact["stream"]?.stringValue,
      fact["hop"]?.stringValue != Hop.viewer.rawValue
    else { return }
    if bySession[session] == nil {
      let at = NodeInstant(fact)
      add(fact, session, stream, fact["fromNs"]?.intValue.map { at.at(BootTime(nanoseconds: $0)) } ?? at, book)
    }
    if let index = bySession[session] { lines[index].take(window: fact) }
  }

  private mutating func add(_ fact: Fact, _ session: String, _ stream: String, _ start: NodeInstant, _ book: StreamBook) {
    let registration = book.streams[stream]
    var unit = RateUnit(id: session)
    unit.stream = stream
    unit.device = fact["device"]?.stringValue ?? registration?.device
    unit.deviceClass = fact["class"]?.stringValue ?? registration?.deviceClass
    unit.town = registration?.town
    unit.link = fact["protocol"]?.stringValue
    unit.hop = fact["hop"]?.stringValue
    unit.month = RateUnit.month(fact.wall)
    bySession[session] = lines.count
    byStream[stream] = lines.count
    lines.append(QualityLine(unit: unit, sessions: [session], stream: stream, start: start))
  }
}
