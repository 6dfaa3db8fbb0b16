internal import Model

/// What one check of `firstframe doctor` found.
struct Finding {
  var name: Bilingual
  /// Nil when all is well.
  var fault: Fault?
  var detail: String
  /// Whether a fault is a warning, which does not fail the check.
  var isWarning = false

  var isFailure: Bool { fault != nil && !isWarning }

  var json: JSON {
    [
      "name": .string(name.en), "ok": .bool(fault == nil), "warning": .bool(isWarning), "detail": .string(detail), "fault": fault?.json ?? .null,
    ]
  }

  /// For people: one line, and a second with what to do.
  var lines: [String] {
    let mark = fault == nil ? "✓" : isWarning ? "⚠" : "✗"
    let line = "\(mark) \(name.zh) \(name.en): \(detail)"
    return [line] + (fault.map { ["    → \($0.toDo.zh) | \($0.toDo.en)"] } ?? [])
  }
}
