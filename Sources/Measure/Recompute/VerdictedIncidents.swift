internal import Model

/// The incidents of a journal with the figures that each published verdict was made of, in one walk over the facts.
struct VerdictedIncidents {
  /// A verdict, and the newest fact that it was made of.
  private struct Wanted {
    var through: Int64
    var verdict: Int64
    var incident: String
  }

  private var reducers = IncidentReducers()
  private let wanted: [Wanted]
  private var next = 0
  /// By the verdict's sequence, until the walk meets it.
  private var made: [Int64: IncidentFigures] = [:]

  init(_ facts: [Fact]) {
    wanted = facts.compactMap { fact -> Wanted? in
      guard fact.kind == FactKind.verdict else { return nil }
      let published = VerdictFact(fact)
      // Whatever it says, it cannot stand on facts that came later.
      return Wanted(
        through: min(published?.throughSequence ?? .max, fact.sequence &- 1), verdict: fact.sequence, incident: published?.incident ?? "")
    }.sorted { ($0.through, $0.verdict) < ($1.through, $1.verdict) }
  }

  /// The next fact of the journal.
  /// - Returns: of a verdict, the figures that the facts give which it was made of; nil when there is no such incident in them.
  mutating func apply(_ fact: Fact) -> IncidentFigures? {
    while next < wanted.count, wanted[next].through < fact.sequence {
      made[wanted[next].verdict] = reducers.figures(of: wanted[next].incident)
      next += 1
    }
    reducers.apply(fact)
    return made.removeValue(forKey: fact.sequence)
  }

  /// Of all incidents, in the order of their opening, by all facts.
  var figures: [IncidentFigures] { reducers.all.compactMap { reducers.figures(of: $0) } }
}
