/// `link.up`: a control link stands and both ends have proven who they are.
public struct LinkUpFact: FactBody {
  public static let kinds = [FactKind.linkUp]
  public var party: LinkParty
  /// Fingerprint of the other end's key.
  public var peer: String

  public init(_ party: LinkParty, peer: String) {
    self.party = party
    self.peer = peer
  }

  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let party = LinkParty(read) else { return nil }
    self.init(party, peer: read["peer"] ?? "")
  }

  public var fields: [String: JSON] { [party.key: party.name.json, "peer": peer.json] }
}
