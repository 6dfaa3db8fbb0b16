/// `receipt.confirmed`: the county has the receipt on its disk; it is not sent again.
public struct ReceiptConfirmedFact: FactBody {
  /// Written by the upper desk.
  public static let kinds = [FactKind.receiptConfirmed]
  /// Id of the incident.
  public var incident: String
  /// The lower node's name.
  public var county: String
  /// Of the receipt's file.
  public var receiptSha256: String

  public init(incident: String, county: String, receiptSha256: String) {
    self.incident = incident
    self.county = county
    self.receiptSha256 = receiptSha256
  }

  /// Nil for another kind, or without `incident`, `county` and `receiptSha256`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let incident: String = read["incident"], let county: String = read["county"],
      let hash: String = read["receiptSha256"]
    else { return nil }
    self.init(incident: incident, county: county, receiptSha256: hash)
  }

  /// Every member is always there.
  public var fields: [String: JSON] { ["incident": incident.json, "county": county.json, "receiptSha256": receiptSha256.json] }
}
