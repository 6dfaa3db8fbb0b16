internal import Measure
internal import Model

/// The incidents of the journal, by its facts in their order, and what follows from them: pure, so that ``IncidentIndex`` has nothing to decide.
///
/// Facts come on two ways: by the feed, in order and without gaps, and at once from whoever committed them. Figures for display are made of both;
/// verdicts of the first alone, for whoever computes again must find the same. Of a closed incident only its place in the journal is kept: what a fact
/// costs does not grow with the incidents of the past.
struct IncidentBook {
  /// Where an incident stands in the journal.
  struct Entry {
    /// Sequence of the `incident.opened` fact.
    var opened: Int64
    /// Sequence of the `incident.closed` fact; nil while it is open.
    var closed: Int64?
  }

  /// An incident that is not closed.
  struct Open {
    var fact: Fact
    var title: String
    /// The verdict that was published last since the start.
    var verdict = Verdict.undetermined
  }

  /// What a fact that the feed brought leads to.
  struct Outcome {
    /// Verdicts to be published.
    var verdicts: [IncidentFigures] = []
    /// The incident that this fact closed, with its last figures.
    var closed: IncidentFigures?
    /// A closed incident that the fact names: what is known of its figures is old.
    var changed: String?
    /// False when the feed passed over a fact that is known to be in the journal, or brought one twice.
    var isInOrder = true
  }

  /// What the feed brought.
  private var settled = IncidentReducers()
  /// Facts that are on the disk and that the feed has yet to bring, in the journal's order.
  private var ahead: [Fact] = []
  /// The newest number that the feed brought.
  private(set) var throughSequence: Int64 = 0
  private(set) var open: [String: Open] = [:]
  private(set) var entries: [String: Entry] = [:]
  /// All incidents in the order of their opening.
  private(set) var ids: [String] = []
  private var displayed: [String: IncidentFigures] = [:]

  // MARK: Recovery

  /// An incident from before this start; in the order of opening.
  /// - Parameters:
  ///   - closed: sequence of its closing; nil for one that is still open, whose facts are brought by ``replay(_:live:)``.
  mutating func recover(_ id: String, opened: Int64, closed: Int64?) {
    guard entries[id] == nil else { return }
    ids.append(id)
    entries[id] = Entry(opened: opened, closed: closed)
  }

  /// A fact from before this start, in the journal's order, since the oldest incident that is open.
  /// - Parameter live: of the devices of an incident that the fact opens, the streams that were live.
  mutating func replay(_ fact: Fact, live: Set<String>) {
    if let opened = IncidentOpenedFact(fact), open[opened.incident] == nil {
      guard entries[opened.incident]?.closed == nil else { return }
      settled.begin(fact, live: live)
      open[opened.incident] = Open(fact: fact, title: opened.title)
    } else if fact.kind != FactKind.incidentOpened {
      settled.apply(fact)
    }
  }

  /// All that is past is known.
  mutating func recovered(through sequence: Int64) { throughSequence = sequence }

  // MARK: Facts

  /// A fact that the feed brought.
  mutating func apply(_ fact: Fact) -> Outcome {
    guard fact.sequence > throughSequence else { return Outcome(isInOrder: false) }
    throughSequence = fact.sequence
    var outcome = Outcome()
    while let first = ahead.first, first.sequence <= fact.sequence {
      if first.sequence < fact.sequence { outcome.isInOrder = false }
      ahead.removeFirst()
    }
    guard IncidentFigures.kinds.contains(fact.kind) else { return outcome }
    note(fact)
    settled.apply(fact)
    displayed.removeAll(keepingCapacity: true)
    if let id = fact.incident, fact.kind == FactKind.incidentClosed, let figures = settled.figures(of: id) {
      outcome.verdicts.append(figures)
      outcome.closed = figures
      settled.remove(id)
    } else if let id = fact.incident, open[id] == nil, entries[id]?.closed.map({ $0 < fact.sequence }) == true {
      outcome.changed = id
    }
    for id in settled.open {
      guard let figures = settled.figures(of: id), figures.verdict != open[id]?.verdict, figures.verdict != .undetermined else { continue }
      open[id]?.verdict = figures.verdict
      outcome.verdicts.append(figures)
    }
    return outcome
  }

  /// A fact that is on the disk and that the feed has yet to bring.
  mutating func show(_ fact: Fact) {
    guard IncidentFigures.kinds.contains(fact.kind), fact.sequence > throughSequence else { return }
    let place = ahead.lastIndex { $0.sequence <= fact.sequence }
    if let place, ahead[place].sequence == fact.sequence { return }
    ahead.insert(fact, at: place.map { $0 + 1 } ?? 0)
    note(fact)
    displayed.removeAll(keepingCapacity: true)
  }

  /// What a fact says of which incidents there are.
  private mutating func note(_ fact: Fact) {
    if let opened = IncidentOpenedFact(fact) {
      guard entries[opened.incident] == nil else { return }
      // A committed fact may be here before the feed brings those ahead of it.
      let place = ids.lastIndex { entries[$0].map { $0.opened < fact.sequence } == true }
      ids.insert(opened.incident, at: place.map { $0 + 1 } ?? 0)
      entries[opened.incident] = Entry(opened: fact.sequence, closed: nil)
      open[opened.incident] = Open(fact: fact, title: opened.title)
    } else if fact.kind == FactKind.incidentClosed, let id = fact.incident, entries[id] != nil {
      if entries[id]?.closed == nil { entries[id]?.closed = fact.sequence }
      open[id] = nil
    }
  }

  // MARK: Figures

  /// The figures for display: with facts that are ahead of the feed. Nil for an incident that is not known, and for one that the feed has closed.
  mutating func figures(of id: String) -> IncidentFigures? {
    if let known = displayed[id] { return known }
    guard !ahead.isEmpty else { return keep(settled.figures(of: id)) }
    var shown = settled
    for fact in ahead { shown.apply(fact) }
    return keep(shown.figures(of: id))
  }

  private mutating func keep(_ figures: IncidentFigures?) -> IncidentFigures? {
    if let figures { displayed[figures.id] = figures }
    return figures
  }
}
