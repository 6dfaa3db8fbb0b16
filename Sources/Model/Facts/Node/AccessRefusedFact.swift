/// `access.refused`: somebody asked for what the access rules or the stream's state do not grant.
public struct AccessRefusedFact: FactBody {
  /// Written by every door of the node.
  public static let kinds = [FactKind.accessRefused]

  /// Which door was asked at.
  public enum Door: String, TextValue {
    case publish, read, http, link
  }

  /// Where it was asked for.
  public var door: FactText<Door>
  /// What the access rules call it, where they refused.
  public var action: String?
  /// The stream; nil at a door that leads to none.
  public var stream: FactText<StreamName>?
  /// The other end's address; of a sum the source that was counted, `*` for all beyond the table.
  public var peer: String
  /// Why, by the fault catalogue.
  public var code: FactText<FaultCode>
  /// At the door `link`: which node it said to be, not proven.
  public var claimed: String?
  /// Where the fact stands for more than one refusal.
  public var sum: RefusalCount?

  public init(
    door: FactText<Door>, action: String? = nil, stream: FactText<StreamName>?, peer: String, code: FactText<FaultCode>, claimed: String? = nil,
    sum: RefusalCount? = nil
  ) {
    self.door = door
    self.action = action
    self.stream = stream
    self.peer = peer
    self.code = code
    self.claimed = claimed
    self.sum = sum
  }

  /// Nil for another kind, or without `what`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let door: FactText<Door> = read["what"] else { return nil }
    self.init(
      door: door, action: read["action"], stream: read["name"], peer: read["peer"] ?? "", code: read["code"] ?? "", claimed: read["claimed"],
      sum: RefusalCount(read))
  }

  /// Left out when nil: `action`, `claimed`, `count`, `firstNs`, `lastNs`.
  public var fields: [String: JSON] {
    var fields = ["what": door.json, "peer": peer.json, "code": code.json]
    fields["action"] = action?.json
    fields["claimed"] = claimed?.json
    if let sum { fields.merge(sum.fields) { $1 } }
    // A link has no stream that could be named; everywhere else the member is always there.
    if door.value != .link || stream != nil { fields["name"] = stream.json }
    return fields
  }
}
