/// `node.stopped`: the last fact of a run that ended in order.
public struct NodeStoppedFact: FactBody {
  /// Written by the journal, when it is closed.
  public static let kinds = [FactKind.nodeStopped]
  /// A signal, or why the node ended itself.
  public var reason: String

  public init(reason: String) { self.reason = reason }

  /// Nil for another kind.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds) else { return nil }
    self.init(reason: read["reason"] ?? "")
  }

  /// Every member is always there.
  public var fields: [String: JSON] { ["reason": reason.json] }
}
