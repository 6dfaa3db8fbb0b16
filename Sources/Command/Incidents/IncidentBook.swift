internal import Measure
internal import Model

/// The facts of all incidents in the journal's order, and what follows from them: pure, so that ``IncidentIndex`` has nothing to decide.
///
/// Facts come on two ways: by the feed, in order and without gaps, and at once from whoever committed them. Figures for display are made of both;
/// verdicts of the first alone, for whoever computes again must find the same.
struct IncidentBook {
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
    /// False when the feed passed over a fact that is known to be in the journal, or brought one twice.
    var isInOrder = true
  }

  private var facts: [Fact] = []
  /// The newest number that the feed brought.
  private(set) var throughSequence: Int64 = 0
  private(set) var open: [String: Open] = [:]
  /// All incidents in the order of their opening.
  private(set) var ids: [String] = []
  private var displayed: [String: IncidentFigures] = [:]

  /// - Parameter past: from before this start.
  mutating func recover(_ past: [Fact]) {
    for fact in past where IncidentFigures.kinds.contains(fact.kind) { insert(fact) }
    throughSequence = past.last?.sequence ?? 0
  }

  /// A fact that the feed brought.
  mutating func apply(_ fact: Fact) -> Outcome {
    guard fact.sequence > throughSequence else { return Outcome(isInOrder: false) }
    let isInOrder = !facts.reversed().prefix { $0.sequence > throughSequence }.contains { $0.sequence < fact.sequence }
    throughSequence = fact.sequence
    guard IncidentFigures.kinds.contains(fact.kind) else { return Outcome(isInOrder: isInOrder) }
    insert(fact)
    displayed.removeAll()
    var verdicts: [IncidentFigures] = []
    if let closed = IncidentClosedFact(fact), let figures = settled(closed.incident) { verdicts.append(figures) }
    for (id, one) in open {
      guard let figures = settled(id), figures.verdict != one.verdict, figures.verdict != .undetermined else { continue }
      open[id]?.verdict = figures.verdict
      verdicts.append(figures)
    }
    return Outcome(verdicts: verdicts, isInOrder: isInOrder)
  }

  /// A fact that is on the disk and that the feed has yet to bring.
  mutating func show(_ fact: Fact) {
    guard IncidentFigures.kinds.contains(fact.kind), insert(fact) else { return }
    displayed.removeAll()
  }

  /// The figures for display: with facts that are ahead of the feed.
  mutating func figures(of id: String) -> IncidentFigures? {
    if let known = displayed[id] { return known }
    let made = IncidentFigures.compute(id, from: facts)
    displayed[id] = made
    return made
  }

  /// The figures of what the feed brought.
  private func settled(_ id: String) -> IncidentFigures? {
    IncidentFigures.compute(id, from: facts.filter { $0.sequence <= throughSequence })
  }

  /// Keeps the journal's order: a committed fact may be here before the feed brings those ahead of it. False when it is here already.
  @discardableResult
  private mutating func insert(_ fact: Fact) -> Bool {
    var at = facts.endIndex
    while at > facts.startIndex, facts[at - 1].sequence >= fact.sequence {
      if facts[at - 1].sequence == fact.sequence { return false }
      at -= 1
    }
    facts.insert(fact, at: at)
    if let opened = IncidentOpenedFact(fact), !ids.contains(opened.incident) {
      ids.append(opened.incident)
      open[opened.incident] = Open(fact: fact, title: opened.title)
    } else if let closed = IncidentClosedFact(fact) {
      open[closed.incident] = nil
    }
    return true
  }
}
