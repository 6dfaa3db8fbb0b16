/// `link.down`: a control link that stood was lost.
public struct LinkDownFact: FactBody {
  public static let kinds = [FactKind.linkDown]
  public var party: LinkParty
  /// Fingerprint of the other end's key.
  public var peer: String
  public var code: FactText<FaultCode>?
  public var origin: FactText<Origin>?
  public var detail: String?

  public init(_ party: LinkParty, peer: String, because fault: Fault) {
    self.party = party
    self.peer = peer
    code = FactText(fault.code)
    origin = FactText(fault.origin)
    detail = fault.detail
  }

  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let party = LinkParty(read) else { return nil }
    self.party = party
    peer = read["peer"] ?? ""
    code = read["code"]
    origin = read["origin"]
    detail = read["detail"]
  }

  public var fields: [String: JSON] {
    var fields = [party.key: party.name.json, "peer": peer.json]
    fields["code"] = code?.json
    fields["origin"] = origin?.json
    fields["detail"] = detail?.json
    return fields
  }
}
