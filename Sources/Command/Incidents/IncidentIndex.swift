public import Journal
internal import Logging
internal import Measure
public import Model

/// What the facts make of every incident: figures for whoever asks, and `verdict` facts when a matter is settled or changed.
public actor IncidentIndex: FactConsumer {
  /// All that figures are made of.
  public nonisolated let kinds = IncidentFigures.kinds
  private let facts: any FactSink
  private let logger: Logger
  private var book = IncidentBook()
  /// Facts that came out of order. ``FactFeed`` never brings one; a verdict that was published after it is in doubt.
  private(set) var disorders = 0

  init(facts: any FactSink, logger: Logger) {
    self.facts = facts
    self.logger = logger
  }

  // MARK: FactConsumer

  /// The incidents of earlier runs.
  public func recover(from past: [Fact]) async { book.recover(past) }

  /// Publishes the verdicts that the fact settles or changes.
  public func apply(_ fact: Fact) async {
    let outcome = book.apply(fact)
    if !outcome.isInOrder {
      disorders += 1
      logger.error("a fact came out of order: verdicts after it are in doubt", metadata: ["seq": "\(fact.sequence)", "kind": "\(fact.kind)"])
    }
    for figures in outcome.verdicts {
      facts.record(
        VerdictFact(
          incident: figures.id, policy: figures.policy, verdict: figures.verdict.rawValue, reasons: figures.reasons.map(\.rawValue),
          figures: figures.json))
    }
  }

  // MARK: For the other desks

  /// Commits a fact and makes it visible at once; throws ``Fault`` when the disk refuses.
  @discardableResult
  func commit(_ body: some FactBody, at time: BootTime? = nil) async throws -> Fact {
    let fact = try await facts.commit(body, at: time)
    book.show(fact)
    return fact
  }

  /// The same where the caller can do nothing about a disk that refuses: logged.
  func commitOrLog(_ body: some FactBody, at time: BootTime? = nil) async {
    do { try await commit(body, at: time) } catch {
      logger.error("fact not durable", metadata: ["kind": "\(body.kind)", "error": "\(error)"])
    }
  }

  func figures(of id: String) -> IncidentFigures? { book.figures(of: id) }

  /// In the order of opening.
  func all() -> [IncidentFigures] { book.ids.compactMap { book.figures(of: $0) } }

  /// Incidents that are not closed, by id.
  var open: [String: IncidentBook.Open] { book.open }
}
