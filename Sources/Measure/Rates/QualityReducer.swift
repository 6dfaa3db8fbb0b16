internal import Model

/// Makes the lines of 连线质量达标率 from the journal's facts in their order.
struct QualityReducer: Sendable {
  private(set) var lines: [QualityLine] = []
  private(set) var profiles: [String: QualityProfile] = [:]
  private var bySession: [String: Int] = [:]
  /// The newest line of each stream.
  private var byStream: [String: Int] = [:]

  /// - Parameter book: what was known before this fact.
  mutating func apply(_ fact: Fact, _ book: StreamBook) {
    switch fact.kind {
    case FactKind.nodeStarted: for index in lines.indices where lines[index].isOpen { close(index, fact) }
    case FactKind.profileEmbedded:
      guard let embedded = ProfileEmbeddedFact(fact), embedded.what?.value == .profile, let rule = embedded.rule.reference,
        let body = embedded.rule.body, let profile = try? QualityProfile(body)
      else { return }
      profiles[rule.sha256] = profile
    case FactKind.streamStarted, FactKind.streamResumed: if let started = StreamStartedFact(fact) { begin(started, fact, book) }
    case FactKind.streamInterrupted, FactKind.streamEnded:
      guard let index = fact.session.flatMap({ bySession[$0] }), lines[index].isOpen else { return }
      close(index, fact)
    case FactKind.qualityWindow: window(fact, book)
    default: break
    }
  }

  private mutating func close(_ index: Int, _ fact: Fact) {
    let at = NodeInstant(fact)
    let ended = StreamEndedFact(fact)
    lines[index].isOpen = false
    lines[index].mayReturn = fact.kind != FactKind.nodeStarted && ended?.cause?.value != .streamEnded
    lines[index].lastMedia = ended?.lastMedia.map { at.at($0) } ?? at
    if at.sharesClock(with: lines[index].start) { lines[index].end = at.time }
  }

  private mutating func begin(_ started: StreamStartedFact, _ fact: Fact, _ book: StreamBook) {
    let (session, stream) = (started.session, started.stream.text)
    guard fact.session != nil, bySession[session] == nil, started.hop?.value != .viewer else { return }
    let resumed = started.isResumed ? started.previousSession.flatMap { bySession[$0] } : nil
    let before = resumed ?? byStream[stream].flatMap { lines[$0].isReturn(at: NodeInstant(fact)) ? $0 : nil }
    if let before {
      lines[before].goOn(session, at: NodeInstant(fact))
      bySession[session] = before
      return
    }
    var unit = unit(session, stream, fact, book)
    unit.device = started.device ?? unit.device
    unit.deviceClass = started.deviceClass?.text ?? unit.deviceClass
    unit.link = started.mediaProtocol?.text
    unit.hop = started.hop?.text
    add(unit, stream, NodeInstant(fact))
  }

  private mutating func window(_ fact: Fact, _ book: StreamBook) {
    guard let window = QualityWindowFact(fact), let session = window.session, let stream = window.stream?.text,
      window.hop?.value != .viewer
    else { return }
    if bySession[session] == nil {
      let at = NodeInstant(fact)
      var unit = unit(session, stream, fact, book)
      unit.hop = window.hop?.text
      add(unit, stream, window.from.map { at.at($0) } ?? at)
    }
    if let index = bySession[session] { lines[index].apply(window) }
  }

  /// What is known of a line by its stream's registration.
  private func unit(_ session: String, _ stream: String, _ fact: Fact, _ book: StreamBook) -> RateUnit {
    let registration = book.streams[stream]
    var unit = RateUnit(id: session)
    unit.stream = stream
    unit.device = registration?.device
    unit.deviceClass = registration?.deviceClass
    unit.town = registration?.town
    unit.month = RateUnit.month(fact.wall)
    return unit
  }

  private mutating func add(_ unit: RateUnit, _ stream: String, _ start: NodeInstant) {
    bySession[unit.id] = lines.count
    byStream[stream] = lines.count
    lines.append(QualityLine(unit: unit, sessions: [unit.id], stream: stream, start: start))
  }
}
