public import Model

/// A verdict with everything that led to it.
public struct Judgement: Hashable, Sendable {
  /// What follows from the rest.
  public var verdict: Verdict
  /// Limits that were not met, in the order of ``ReasonCode``.
  public var reasons: [ReasonCode]
  /// Why the verdict is not certain, in the order of ``OpenQuestion``.
  public var open: [OpenQuestion]
  /// Limits that only warn, by the profile's names.
  public var warnings: [String]
  /// Limits that could not be applied, for what they are about was not measured; by the profile's names.
  public var notJudged: [String]

  init(reasons: Set<ReasonCode>, open: Set<OpenQuestion>, warnings: [String] = [], notJudged: [String] = []) {
    self.reasons = ReasonCode.allCases.filter(reasons.contains)
    self.open = OpenQuestion.allCases.filter(open.contains)
    self.warnings = warnings
    self.notJudged = notJudged
    if open.contains(.observerLimited) || open.contains(.windowTooShort) {
      verdict = .undetermined
    } else if !reasons.isEmpty {
      verdict = .fail
    } else {
      verdict = open.isEmpty ? .pass : .undetermined
    }
  }

  /// The members that a fact carries.
  public var fields: [String: JSON] {
    [
      "verdict": .string(verdict.rawValue), "reasons": .array(reasons.map { .string($0.rawValue) }),
      "open": .array(open.map { .string($0.rawValue) }), "warnings": .array(warnings.map { .string($0) }),
      "notJudged": .array(notJudged.map { .string($0) }),
    ]
  }
}
