/// `node.stopped`: the last fact of a run that ended in order.
public struct NodeStoppedFact: FactBody {
  public static let kinds = [FactKind.nodeStopped]
  public var reason: String

  public init(reason: String) { self.reason = reason }

  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds) else { return nil }
    self.init(reason: read["reason"] ?? "")
  }

  public var fields: [String: JSON] { ["reason": reason.json] }
}
