internal import Model

/// One of the three rates: how many of how many, what could not be judged, what was left out and by whose leave (docs/recompute.md).
public struct Rate: Sendable, Hashable {
  /// What the counts of a rate and of each of its groups are made of.
  public struct Counts: Sendable, Hashable {
    /// Units that pass.
    public var numerator = 0
    /// Units that were judged.
    public var denominator = 0
    /// Listed apart; in the denominator where the rate says so.
    public var undetermined = 0
    /// Left out by approval.
    public var excluded = 0

    /// Nil when nothing was judged.
    public var interval: WilsonInterval? { WilsonInterval(successes: Int64(numerator), of: Int64(denominator)) }
    /// Millionths.
    public var ratioPPM: Int64? { Rounding.millionths(Int64(numerator), of: Int64(denominator)) }

    mutating func add(_ unit: RateUnit, undeterminedIsNotMet: Bool) {
      if unit.isExcluded {
        excluded += 1
        return
      }
      switch unit.outcome {
      case .pass: (numerator, denominator) = (numerator + 1, denominator + 1)
      case .fail: denominator += 1
      case .undetermined:
        undetermined += 1
        if undeterminedIsNotMet { denominator += 1 }
      case .pending: break
      }
    }

    var members: [String: PrintedJSON] {
      [
        "numerator": .int(numerator), "denominator": .int(denominator), "undetermined": .int(undetermined), "excluded": .int(excluded),
        "ratio": .decimal(ratioPPM), "low95": .decimal(interval?.lowPPM), "high95": .decimal(interval?.highPPM),
      ]
    }
  }

  public private(set) var counts = Counts()
  /// Neither met nor missed yet.
  public private(set) var pending = 0
  private var units: [RateUnit]
  private let undeterminedIsNotMet: Bool

  /// - Parameter undeterminedIsNotMet: whether an undetermined unit stands in the denominator (field-guide §2.2), besides being listed apart.
  init(_ units: [RateUnit], undeterminedIsNotMet: Bool) {
    self.units = units
    self.undeterminedIsNotMet = undeterminedIsNotMet
    for unit in units {
      counts.add(unit, undeterminedIsNotMet: undeterminedIsNotMet)
      if unit.outcome == .pending, !unit.isExcluded { pending += 1 }
    }
  }

  /// Ids of the units by outcome, for a comparison of two rules: `pass`, `fail`, `undetermined`, `pending`, `excluded`.
  public var outcomes: [(id: String, outcome: String, reasons: [String])] {
    units.map { ($0.id, $0.isExcluded ? "excluded" : $0.outcome.rawValue, $0.reasons) }
  }

  /// What became of the line that a session belongs to: outcome as in ``outcomes``, and its reasons.
  public func line(of session: String) -> (outcome: String, reasons: [String])? {
    units.first { $0.sessions.contains(session) }.map { ($0.isExcluded ? "excluded" : $0.outcome.rawValue, $0.reasons) }
  }

  /// Why units failed, most frequent first, then by name.
  public var failureReasons: [(reason: String, count: Int)] {
    var counts: [String: Int] = [:]
    for unit in units where unit.outcome == .fail && !unit.isExcluded { for reason in unit.reasons { counts[reason, default: 0] += 1 } }
    return counts.map { ($0.key, $0.value) }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }
  }

  /// As `recompute` prints it.
  public var json: PrintedJSON {
    var members = counts.members
    let judged = units.filter { !$0.isExcluded }
    members["pending"] = .int(pending)
    members["failures"] = .list(judged.filter { $0.outcome == .fail }.map(\.failure))
    members["open"] = .list(judged.filter { $0.outcome == .undetermined }.map(\.openQuestion))
    members["exclusions"] = .list(units.compactMap(\.excluded))
    members["rules"] = .list(rules.map { .value($0.json) })
    members["groups"] = .object([
      "town": groups(\.town), "device": groups(\.device), "class": groups(\.deviceClass), "link": groups(\.link), "hop": groups(\.hop),
      "month": groups(\.month),
    ])
    return .object(members)
  }

  private var rules: [RuleReference] {
    Set(units.compactMap(\.rule)).sorted { ($0.id, $0.version, $0.sha256) < ($1.id, $1.version, $1.sha256) }
  }

  /// Units without the property first, then by the bytes of the key.
  private func groups(_ key: KeyPath<RateUnit, String?>) -> PrintedJSON {
    var found: [String?: Counts] = [:]
    for unit in units where unit.outcome != .pending || unit.isExcluded {
      found[unit[keyPath: key], default: Counts()].add(unit, undeterminedIsNotMet: undeterminedIsNotMet)
    }
    let sorted = found.sorted { a, b in
      guard let first = a.key, let second = b.key else { return a.key == nil && b.key != nil }
      return first.utf8.lexicographicallyPrecedes(second.utf8)
    }
    return .list(sorted.map { .object($0.value.members.merging(["key": .words($0.key)]) { $1 }) })
  }
}
