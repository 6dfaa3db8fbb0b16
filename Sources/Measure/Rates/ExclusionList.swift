internal import Model

/// What was approved to leave a denominator.
struct ExclusionList: Sendable {
  private struct Entry: Sendable {
    var rate: String
    var incident: String?
    var device: String?
    var attempt: String?
    var session: String?
    var exclusion: RateUnit.Exclusion
  }

  private var entries: [Entry] = []

  mutating func take(_ fact: Fact) {
    guard fact.kind == FactKind.exclusionApproved, let rate = fact["rate"]?.stringValue else { return }
    entries.append(
      Entry(
        rate: rate, incident: fact["incident"]?.stringValue, device: fact["device"]?.stringValue, attempt: fact["attempt"]?.stringValue,
        session: fact["session"]?.stringValue,
        exclusion: RateUnit.Exclusion(
          reason: fact["reason"]?.stringValue ?? "", approver: fact["by"]?["sha256"]?.stringValue ?? fact["by"]?.stringValue,
          isAccepted: true)))
  }

  func incident(_ id: String) -> RateUnit.Exclusion? { entries.first { $0.rate == "thirtyMinute" && $0.incident == id }?.exclusion }

  func session(among ids: Set<String>) -> RateUnit.Exclusion? {
    entries.first { $0.rate == "quality" && $0.session.map(ids.contains) == true }?.exclusion
  }

  /// By the attempt's own id, or by incident and device.
  func attempt(_ names: [ConnectionAttempt.Name], device: String) -> RateUnit.Exclusion? {
    entries.first { entry in
      entry.rate == "connection"
        && names.contains { name in
          switch name.source {
          case .attempt(let id): entry.attempt == id
          case .incident(let id): entry.incident == id && entry.device == device
          }
        }
    }?.exclusion
  }
}
