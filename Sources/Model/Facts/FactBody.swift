/// The fields of one kind of fact with their types: what a room writes into the journal and what a reader makes of a line.
///
/// Reading is lenient: an optional member that is absent, null or of another type is nil, and `init?` fails only without a member that the kind means
/// nothing without. Writing is strict: ``fields`` has the same members in every version, for old journals and the second implementation read them.
/// `docs/facts.md` describes every field, and a test holds it against these types; `docs/guides/add-a-kind-of-fact.md` says how to add a kind.
public protocol FactBody: Hashable, Sendable {
  /// The kinds of fact that have this shape; nearly always one.
  static var kinds: [String] { get }
  /// The kind that this body is written as: one of ``kinds``.
  var kind: String { get }
  /// Nil when the fact is of another kind, or lacks a required member.
  init?(_ fact: Fact)
  /// What the line carries beside its envelope.
  var fields: [String: JSON] { get }
}

extension FactBody {
  /// A body of one kind needs no more; one of several says which.
  public var kind: String { Self.kinds.first ?? "" }
}
