internal import Model

/// One attempt of 联通率: a centre asks for a live picture of a unit; requests for the same device inside the limit are retries of it (field-guide §2.3).
struct ConnectionAttempt: Sendable {
  enum Source: Sendable, Hashable {
    case incident(String)
    case attempt(String)
  }

  /// One request: its pictures name it, and count when they were received after `from`.
  struct Name: Sendable, Hashable {
    var source: Source
    /// t1 of the incident, or the request.
    var from: NodeInstant
  }

  let id: String
  let device: String
  let start: NodeInstant
  let limit: Nanoseconds?
  private(set) var names: [Name]
  private(set) var evidence: StreamEvidence
  /// While it can still be met in time.
  private(set) var isRunning = true
  private(set) var isOver = false
  private(set) var isRebooted = false
  private(set) var isWithdrawn = false
  private(set) var picture: NodeInstant?
  var unit: RateUnit

  init(_ unit: RateUnit, device: String, start: NodeInstant, limit: Nanoseconds?, name: Name, state: StreamBook.State) {
    id = unit.id
    self.device = device
    self.start = start
    self.limit = limit
    names = [name]
    evidence = StreamEvidence(stream: unit.stream ?? "", start: start, limit: limit ?? .zero, state: state)
    self.unit = unit
  }

  /// Whether a request for the same device belongs to this attempt.
  mutating func adopt(_ name: Name, at instant: NodeInstant) -> Bool {
    guard let limit, let since = instant - start, since >= .zero, since <= limit else { return false }
    names.append(name)
    return true
  }

  /// A fact after the request, in the journal's order.
  mutating func apply(_ fact: Fact) {
    guard isRunning else { return }
    guard let since = NodeInstant(fact) - start else {
      (isRunning, isRebooted) = (false, true)
      return
    }
    if let limit, since > limit {
      (isRunning, isOver) = (false, true)
      return
    }
    evidence.apply(fact)
    if fact.kind == FactKind.incidentClosed, picture == nil, let id = fact.incident,
      names.allSatisfy({ $0.source == .incident(id) })
    {
      isWithdrawn = true
    }
  }

  /// A decoded picture that names one of the requests; the first that counts is kept, however late.
  /// - Parameter at: of the fact.
  mutating func apply(_ decoded: PictureDecodedFact, from source: Source, at: NodeInstant) {
    guard picture == nil, decoded.subject.device == device, decoded.content.isVisible, let arrival = decoded.subject.unitArrival,
      let name = names.first(where: { $0.source == source })
    else { return }
    if let since = at.at(arrival) - name.from, since < .zero { return }
    picture = at
  }

  /// The unit of count, when all facts were applied.
  func finish() -> RateUnit {
    var unit = unit
    if let elapsed = picture.flatMap({ $0 - start }) { unit.elapsed = max(.zero, elapsed) }
    guard let limit else {
      unit.outcome = .undetermined
      unit.reasons = ["policyUnknown"]
      return unit
    }
    if let elapsed = unit.elapsed {
      if elapsed <= limit { unit.outcome = .pass } else { fail(&unit, .timeout) }
    } else if isWithdrawn {
      fail(&unit, .operator)
    } else if isOver {
      fail(&unit, evidence.reason)
    } else if isRebooted || picture != nil {
      unit.outcome = .undetermined
      unit.reasons = ["rebooted"]
    }
    return unit
  }

  private func fail(_ unit: inout RateUnit, _ reason: FailureReason) {
    unit.outcome = .fail
    unit.reasons = [reason.rawValue]
    unit.step = evidence.missing
  }
}
