public import Journal
public import Measure
public import Model

/// Makes the figures of a closed incident again from the facts of its time: what that costs depends on the incident, not on the journal's age.
public struct ClosedIncidents: Sendable {
  private let history: FactHistory?

  /// - Parameter history: all facts, those included that are still to come; nil where there are none.
  public init(_ history: FactHistory?) { self.history = history }

  /// No closed incident can be read.
  public static let none = ClosedIncidents(nil)

  /// - Parameters:
  ///   - opened: sequence of its first fact.
  ///   - closed: sequence of its closing. Later facts count if they name it.
  /// - Throws: ``Fault`` when the index cannot be read.
  func figures(of id: String, opened: Int64, closed: Int64) async throws(Fault) -> IncidentFigures? {
    guard let history else { return nil }
    var reducers = IncidentReducers()
    let kinds = IncidentFigures.kinds.sorted()
    let span = FactQuery(kinds: kinds, after: opened &- 1, before: closed &+ 1, limit: FactQuery.largestPage)
    try await history.each(span) { fact throws(Fault) in
      if fact.sequence == opened {
        reducers.begin(fact, live: try await ClosedIncidents.live(at: fact, in: history))
      } else if fact.kind != FactKind.incidentOpened {
        reducers.apply(fact)
      }
    }
    try await history.each(FactQuery(kinds: kinds, incident: id, after: closed, limit: FactQuery.largestPage)) { fact throws(Fault) in
      reducers.apply(fact)
    }
    return reducers.figures(of: id)
  }

  /// Of the devices of an incident, the streams that were live when it was opened: started or resumed, not ended since, and no start of the node since.
  static func live(at opened: Fact, in history: FactHistory) async throws(Fault) -> Set<String> {
    let before = opened.sequence
    let start = try await history.newest(FactQuery(kinds: [FactKind.nodeStarted], before: before))?.sequence ?? 0
    var live: Set<String> = []
    for device in IncidentOpenedFact(opened)?.devices ?? [] {
      let newest = try await history.newest(
        FactQuery(
          kinds: [FactKind.streamStarted, FactKind.streamResumed, FactKind.streamEnded], stream: device.stream.text, after: start, before: before))
      if let newest, newest.kind != FactKind.streamEnded { live.insert(device.stream.text) }
    }
    return live
  }
}
