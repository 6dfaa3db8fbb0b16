internal import Model

/// What was approved to leave a denominator.
struct ExclusionList: Sendable {
  private var entries: [ExclusionApprovedFact] = []

  mutating func apply(_ fact: Fact) {
    if let approved = ExclusionApprovedFact(fact) { entries.append(approved) }
  }

  func incident(_ id: String) -> RateUnit.Exclusion? { first { $0.rate == "thirtyMinute" && $0.incident == id } }

  func session(among ids: Set<String>) -> RateUnit.Exclusion? {
    first { $0.rate == "quality" && $0.session.map(ids.contains) == true }
  }

  /// By the attempt's own id, or by incident and device.
  func attempt(_ names: [ConnectionAttempt.Name], device: String) -> RateUnit.Exclusion? {
    first { entry in
      entry.rate == "connection"
        && names.contains { name in
          switch name.source {
          case .attempt(let id): entry.attempt == id
          case .incident(let id): entry.incident == id && entry.device == device
          }
        }
    }
  }

  private func first(_ fits: (ExclusionApprovedFact) -> Bool) -> RateUnit.Exclusion? {
    entries.first(where: fits).map { RateUnit.Exclusion(reason: $0.reason, approver: $0.by?.sha256, isAccepted: true) }
  }
}
