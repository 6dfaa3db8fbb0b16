public import Model

/// A window made again, with the judgement under the profile that judged it.
public struct RecomputedWindow: Hashable, Sendable {
  /// From the samples alone.
  public var window: QualityWindow
  /// Nil when no profile is known for the session.
  public var judgement: Judgement?
  /// The one that judged when it was published; nil when none is known.
  public var profile: RuleReference?
  /// Whether a `quality.window` fact published it; one may be missing after a crash.
  public var isPublished: Bool

  /// As `recompute` prints it.
  public var json: JSON {
    var fields = window.fields
    fields["start"] = .int(window.from.nanoseconds)
    fields.merge(judgement?.fields ?? ["verdict": .string(Verdict.undetermined.rawValue), "reasons": []]) { $1 }
    fields["profile"] = profile?.json ?? .null
    fields["published"] = .bool(isPublished)
    return .object(fields)
  }
}
