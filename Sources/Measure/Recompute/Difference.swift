public import Model

/// A published figure that the facts and samples do not give again.
public struct Difference: Hashable, Sendable {
  /// In which way it differs.
  public enum What: String, Sendable {
    /// A member of a published window or verdict has another value.
    case figure
    /// No samples of a published window's session, or they do not reach it.
    case samplesMissing
    /// The profile or policy that judged is nowhere embedded, or cannot be read.
    case ruleMissing
    /// An embedded rule's text does not have the hash that is named.
    case ruleHash
    /// A verdict of an incident that was never opened.
    case incidentMissing
  }

  /// In which way it differs.
  public var what: What
  /// Sequence number of the fact that published it.
  public var sequence: Int64
  /// Incident, or stream and session.
  public var subject: String
  /// Of the fact, or of its figures.
  public var member: String
  /// Null where nothing was published.
  public var published: JSON
  /// Null where nothing can be made.
  public var recomputed: JSON

  /// As `recompute` prints it.
  public var json: JSON {
    [
      "what": .string(what.rawValue), "sequence": .int(sequence), "subject": .string(subject), "member": .string(member),
      "published": published, "recomputed": recomputed,
    ]
  }
}
