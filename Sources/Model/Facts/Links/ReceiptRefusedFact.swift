/// `receipt.refused`: a receipt proves nothing, and why. A county writes what it refused, an upper node what was refused of its own.
public struct ReceiptRefusedFact: FactBody {
  /// Written by both ends.
  public static let kinds = [FactKind.receiptRefused]
  /// Id of the incident.
  public var incident: String
  /// Nil in a line that names neither end.
  public var party: LinkParty?
  /// `signature nonce opened unit beforeReceived replayed peer malformed`.
  public var reason: String?
  /// Nil when there is no whole receipt.
  public var receiptSha256: String?

  public init(incident: String, party: LinkParty, reason: String, receiptSha256: String?) {
    self.incident = incident
    self.party = party
    self.reason = reason
    self.receiptSha256 = receiptSha256
  }

  /// Nil for another kind, or without `incident`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let incident: String = read["incident"] else { return nil }
    self.incident = incident
    party = LinkParty(read)
    reason = read["reason"]
    receiptSha256 = read["receiptSha256"]
  }

  /// Null for nil: `reason`. Left out when nil: `receiptSha256`.
  public var fields: [String: JSON] {
    var fields = ["incident": incident.json, "reason": reason.json]
    fields["receiptSha256"] = receiptSha256?.json
    guard let party else { return fields }
    fields[party.key] = party.name.json
    // A county always names the hash, null where the file was no receipt.
    if case .uplink = party { fields["receiptSha256"] = receiptSha256.json }
    return fields
  }
}
