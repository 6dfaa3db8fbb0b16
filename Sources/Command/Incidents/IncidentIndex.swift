public import Journal
internal import Logging
public import Measure
public import Model

/// What the facts make of every incident: figures for whoever asks, and `verdict` facts when a matter is settled or changed.
///
/// Open incidents are kept as they go on. A closed one is made again from the facts of its time when somebody asks for it, and the newest answers are kept.
public actor IncidentIndex: FactConsumer {
  /// Closed incidents whose figures are kept: more than a few pages of a list.
  private static let mostKept = 256

  /// All that figures are made of.
  public nonisolated let kinds = IncidentFigures.kinds
  private let facts: any FactSink
  private let clock: any NodeClock
  private let logger: Logger
  private var book = IncidentBook()
  /// Where closed incidents are read from.
  private let past: ClosedIncidents
  private var kept: [String: IncidentFigures] = [:]
  private var keptOrder: [String] = []
  /// Facts that came out of order. ``FactFeed`` never brings one; a verdict that was published after it is in doubt.
  private(set) var disorders = 0

  /// - Parameter closed: makes the figures of incidents that the feed has closed.
  init(facts: any FactSink, clock: any NodeClock, logger: Logger, closed: ClosedIncidents = .none) {
    self.facts = facts
    self.clock = clock
    self.logger = logger
    past = closed
  }

  // MARK: FactConsumer

  /// The incidents of earlier runs: where each stands, and the facts since the oldest that is open.
  public func recover(_ past: FactHistory) async throws(Fault) {
    let ends = try await past.all(FactQuery(kinds: [FactKind.incidentClosed], limit: FactQuery.largestPage))
    let closed = Dictionary(ends.compactMap { fact in fact.incident.map { ($0, fact.sequence) } }) { first, _ in first }
    var oldest: Int64?
    try await past.each(FactQuery(kinds: [FactKind.incidentOpened], limit: FactQuery.largestPage)) { fact throws(Fault) in
      guard let id = fact.incident else { return }
      book.recover(id, opened: fact.sequence, closed: closed[id])
      if closed[id] == nil, oldest == nil { oldest = fact.sequence }
    }
    if let oldest {
      let query = FactQuery(kinds: kinds.sorted(), after: oldest - 1, limit: FactQuery.largestPage)
      try await past.each(query) { fact throws(Fault) in
        let isOpening = fact.kind == FactKind.incidentOpened && fact.incident.map { closed[$0] == nil } == true
        book.replay(fact, live: isOpening ? try await ClosedIncidents.live(at: fact, in: past) : [])
      }
    }
    book.recovered(through: past.through)
  }

  /// Publishes the verdicts that the fact settles or changes.
  public func apply(_ fact: Fact) async {
    let outcome = book.apply(fact)
    if !outcome.isInOrder {
      disorders += 1
      logger.error("a fact came out of order: verdicts after it are in doubt", metadata: ["seq": "\(fact.sequence)", "kind": "\(fact.kind)"])
    }
    if let closed = outcome.closed { keep(closed) }
    if let changed = outcome.changed { forget(changed) }
    for figures in outcome.verdicts {
      facts.record(
        VerdictFact(
          incident: figures.id, policy: figures.policy, verdict: figures.verdict.rawValue, reasons: figures.reasons.map(\.rawValue),
          figures: figures.json))
    }
  }

  private func forget(_ id: String) { if kept.removeValue(forKey: id) != nil { keptOrder.removeAll { $0 == id } } }

  private func keep(_ figures: IncidentFigures) {
    if kept.updateValue(figures, forKey: figures.id) == nil { keptOrder.append(figures.id) }
    while keptOrder.count > IncidentIndex.mostKept { kept[keptOrder.removeFirst()] = nil }
  }

  // MARK: For the other desks

  /// Commits a fact and makes it visible at once; throws ``Fault`` when the disk refuses.
  @discardableResult
  func commit(_ body: some FactBody, at time: BootTime? = nil) async throws -> Fact {
    let fact = try await facts.commit(body, at: time)
    book.show(fact)
    return fact
  }

  /// The same where the caller can do nothing about a disk that refuses: the fact waits for the disk, with its own time.
  func commitOrRecord(_ body: some FactBody, at time: BootTime? = nil) async {
    let time = time ?? clock.bootTime()
    do { try await commit(body, at: time) } catch {
      logger.error("fact not durable yet", metadata: ["kind": "\(body.kind)", "error": "\(error)"])
      facts.record(body, at: time)
    }
  }

  /// The figures of an incident, with all that is on the disk; nil for one that is not known. Throws ``Fault`` when the index cannot be read.
  func figures(of id: String) async throws(Fault) -> IncidentFigures? {
    if let figures = book.figures(of: id) { return figures }
    if let figures = kept[id] { return figures }
    guard let entry = book.entries[id], let closed = entry.closed else { return nil }
    let figures = try await past.figures(of: id, opened: entry.opened, closed: closed)
    if let figures { keep(figures) }
    return figures
  }

  /// Ids in the order of opening.
  var ids: [String] { book.ids }

  /// Whether there is such an incident, open or closed.
  func knows(_ id: String) -> Bool { book.entries[id] != nil }

  /// Incidents that are not closed, by id.
  var open: [String: IncidentBook.Open] { book.open }
}
