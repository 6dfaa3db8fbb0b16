public import Model

/// The incidents of one journal, made fact by fact: each open one costs a step a fact, a closed one only the facts that name it.
///
/// Whoever keeps a journal of years lets closed incidents go (``remove(_:)``); their figures can be made again from the facts of their time.
public struct IncidentReducers: Sendable {
  private var reducers: [String: IncidentReducer] = [:]
  /// Incidents that were begun here and not let go, in the order of their opening.
  public private(set) var all: [String] = []
  /// Those of them that are not closed.
  public private(set) var open: [String] = []
  private var live = LiveStreams()

  /// Before the first fact.
  public init() {}

  /// A fact of ``IncidentFigures/kinds``, in the journal's order; others are passed over.
  public mutating func apply(_ fact: Fact) {
    guard IncidentFigures.kinds.contains(fact.kind) else { return }
    let closed = fact.incident.flatMap { open.contains($0) ? nil : $0 }
    for id in open { reducers[id]?.apply(fact) }
    if let closed, reducers[closed] != nil { reducers[closed]?.apply(fact) }
    if let opened = IncidentOpenedFact(fact), reducers[opened.incident] == nil { begin(fact, opened, live: live) }
    if fact.kind == FactKind.incidentClosed { open.removeAll { $0 == fact.incident } }
    live.apply(fact)
  }

  /// Begins an incident of which the facts before its opening are not applied here.
  /// - Parameter streams: of its devices, those that were live when it was opened.
  public mutating func begin(_ fact: Fact, live streams: Set<String>) {
    guard let opened = IncidentOpenedFact(fact), reducers[opened.incident] == nil else { return }
    begin(fact, opened, live: LiveStreams(names: streams))
  }

  private mutating func begin(_ fact: Fact, _ opened: IncidentOpenedFact, live: LiveStreams) {
    reducers[opened.incident] = IncidentReducer(fact, opened, live: live)
    all.append(opened.incident)
    open.append(opened.incident)
  }

  /// What the facts so far make of an incident; nil for one that was never opened in them, or was let go.
  public func figures(of id: String) -> IncidentFigures? {
    guard var reducer = reducers[id] else { return nil }
    return reducer.finish()
  }

  /// Lets a closed incident go.
  public mutating func remove(_ id: String) {
    guard !open.contains(id), reducers.removeValue(forKey: id) != nil else { return }
    all.removeAll { $0 == id }
  }
}
