/// `archive.resumed`: the disk takes segments again.
public struct ArchiveResumedFact: FactBody {
  /// Written by the archive.
  public static let kinds = [FactKind.archiveResumed]
  /// The fault that is over (``Fault/json``).
  public var reason: JSON

  public init(after fault: Fault) { reason = fault.json }

  /// Nil for another kind, or without `reason`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let reason: JSON = read["reason"] else { return nil }
    self.reason = reason
  }

  /// Every member is always there.
  public var fields: [String: JSON] { ["reason": reason] }
}
