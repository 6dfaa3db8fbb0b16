public import Model

/// What the room holds at most, from the constants that it works with (`docs/limits.md`).
public enum AccessBounds {
  /// Each once.
  public static let all: [Bound] = [
    Bound("access.failures", FailureLimit.mostEntries, .entries, a: "node", beyond: "old entries go, then those of single failures"),
    Bound("access.refusals", RefusalSums.mostSubjects, .entries, a: "node", beyond: "counted together under `*`"),
    Bound("access.refusalsOfSource", RefusalSums.mostSubjectsOfSource, .entries, a: "source", beyond: "counted together for the source"),
  ]
}
