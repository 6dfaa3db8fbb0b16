internal import Model

/// One unit of count of a rate: an incident, an attempt or a line.
struct RateUnit: Sendable, Hashable {
  enum Outcome: String, Sendable { case pass, fail, undetermined, pending }

  struct Exclusion: Sendable, Hashable {
    var reason: String
    /// The commitment's hash.
    var approver: String?
    /// False where the rule forbids it: an offline device is a failure.
    var isAccepted: Bool
  }

  var id: String
  var outcome = Outcome.pending
  var device: String?
  var stream: String?
  var deviceClass: String?
  var town: String?
  var link: String?
  var hop: String?
  var month: String?
  /// Codes of the closed list that applies: one of a failed attempt or incident, all of a failed line, what is open of an undetermined unit.
  var reasons: [String] = []
  /// The step that failed.
  var step: StepID?
  /// From the request to the picture.
  var elapsed: Nanoseconds?
  var rule: RuleReference?
  var exclusion: Exclusion?
  /// Of a line: the sessions that are it.
  var sessions: Set<String> = []

  var isExcluded: Bool { exclusion?.isAccepted == true }

  /// The month of a wall label in China Standard Time (UTC+8), `2026-11`; nil for a label that is none.
  static func month(_ wall: String) -> String? {
    guard let time = WallTime(wall) else { return nil }
    return String(WallTime(nanoseconds: time.nanoseconds &+ 8 * 3_600_000_000_000).description.prefix(7))
  }

  var failure: PrintedJSON {
    .object([
      "id": .words(id), "device": .words(device), "stream": .words(stream), "reasons": .value(.array(reasons.map { .string($0) })),
      "step": .words(step?.rawValue), "seconds": .seconds(elapsed),
    ])
  }

  var openQuestion: PrintedJSON {
    .object([
      "id": .words(id), "device": .words(device), "stream": .words(stream), "reasons": .value(.array(reasons.map { .string($0) })),
    ])
  }

  var excluded: PrintedJSON? {
    guard let exclusion else { return nil }
    return .object([
      "id": .words(id), "device": .words(device), "reason": .words(exclusion.reason), "approver": .words(exclusion.approver),
      "accepted": .value(.bool(exclusion.isAccepted)),
    ])
  }
}
