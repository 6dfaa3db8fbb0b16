/// `link.down`: a control link that stood was lost.
public struct LinkDownFact: FactBody {
  /// Written by both ends.
  public static let kinds = [FactKind.linkDown]
  /// The other end.
  public var party: LinkParty
  /// Fingerprint of the other end's key.
  public var peer: String
  /// Of the fault catalogue.
  public var code: FactText<FaultCode>?
  /// Whose side the fault is on.
  public var origin: FactText<Origin>?
  /// What in particular; never a secret.
  public var detail: String?

  public init(_ party: LinkParty, peer: String, because fault: Fault) {
    self.party = party
    self.peer = peer
    code = FactText(fault.code)
    origin = FactText(fault.origin)
    detail = fault.detail
  }

  /// Nil for another kind, or without either end.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let party = LinkParty(read) else { return nil }
    self.party = party
    peer = read["peer"] ?? ""
    code = read["code"]
    origin = read["origin"]
    detail = read["detail"]
  }

  /// Left out when nil: `code`, `origin`, `detail`.
  public var fields: [String: JSON] {
    var fields = [party.key: party.name.json, "peer": peer.json]
    fields["code"] = code?.json
    fields["origin"] = origin?.json
    fields["detail"] = detail?.json
    return fields
  }
}
