public import Model

/// The three rates of a journal that goes on: each fact is counted once, so that an answer costs what there is to count and not what was written.
///
/// It gives what ``RateFigures`` gives of the same facts. Of a closed incident that nothing can change any more only its unit of count is kept.
public struct RateReducer: Sendable {
  /// The only kinds that it depends on.
  public static let kinds = RateFigures.kinds.union(IncidentFigures.kinds)

  /// The newest fact that was applied.
  public private(set) var throughSequence: Int64 = 0
  private var counts = RateCounts()
  private var incidents = IncidentReducers()
  /// All, in the order of their opening.
  private var ids: [String] = []
  /// Closed ones that a late receipt, or the rest of their time, may still change.
  private var unsettled: [String] = []
  private var announced: Set<String> = []

  /// Before the first fact.
  public init() {}

  /// The next fact of the journal; one of a kind that counts for nothing only moves ``throughSequence``.
  public mutating func apply(_ fact: Fact) {
    guard fact.sequence > throughSequence else { return }
    throughSequence = fact.sequence
    counts.apply(fact)
    incidents.apply(fact)
    guard let id = fact.incident else { return }
    switch fact.kind {
    case FactKind.incidentOpened: if incidents.all.last == id, ids.last != id { ids.append(id) }
    case FactKind.incidentAnnounced: announced.insert(id)
    case FactKind.incidentClosed:
      unsettled.append(id)
      settle()
    default: break
    }
  }

  /// There are no further facts of ``kinds`` up to a sequence.
  public mutating func passed(through sequence: Int64) { throughSequence = max(throughSequence, sequence) }

  /// Lets go of what is certain: proven, or over without anybody above who could prove it.
  private mutating func settle() {
    unsettled.removeAll { id in
      guard let figures = incidents.figures(of: id) else { return true }
      guard figures.province != nil || (!announced.contains(id) && counts.responses.isOver(id)) else { return false }
      counts.responses.settle(figures)
      incidents.remove(id)
      announced.remove(id)
      return true
    }
  }

  /// The rates by the facts so far.
  /// - Parameter month: of China Standard Time, `2026-11`; nil for all there is.
  public func figures(month: String? = nil) -> RateFigures {
    let responses = ids.compactMap { id in counts.responses.settled[id] ?? incidents.figures(of: id).map { counts.responses.unit($0) } }
    return RateFigures(counts, responses: responses, month: month)
  }
}
