/// `link.up`: a control link stands and both ends have proven who they are.
public struct LinkUpFact: FactBody {
  /// Written by both ends.
  public static let kinds = [FactKind.linkUp]
  /// The other end.
  public var party: LinkParty
  /// Fingerprint of the other end's key.
  public var peer: String

  public init(_ party: LinkParty, peer: String) {
    self.party = party
    self.peer = peer
  }

  /// Nil for another kind, or without either end.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let party = LinkParty(read) else { return nil }
    self.init(party, peer: read["peer"] ?? "")
  }

  /// Every member is always there.
  public var fields: [String: JSON] { [party.key: party.name.json, "peer": peer.json] }
}
