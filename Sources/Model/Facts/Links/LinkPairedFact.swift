/// `link.paired`: an upper node gave its trust to a lower one that knew the pairing code.
public struct LinkPairedFact: FactBody {
  /// Written by the upper desk.
  public static let kinds = [FactKind.linkPaired]
  /// The lower node's name.
  public var county: String
  /// Fingerprint of its key.
  public var peer: String

  public init(county: String, peer: String) {
    self.county = county
    self.peer = peer
  }

  /// Nil for another kind, or without `county` and `peer`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let county: String = read["county"], let peer: String = read["peer"] else { return nil }
    self.init(county: county, peer: peer)
  }

  /// Every member is always there.
  public var fields: [String: JSON] { ["county": county.json, "peer": peer.json] }
}
