/// `receipt.confirmed`: the county has the receipt on its disk; it is not sent again.
public struct ReceiptConfirmedFact: FactBody {
  public static let kinds = [FactKind.receiptConfirmed]
  public var incident: String
  public var county: String
  public var receiptSha256: String

  public init(incident: String, county: String, receiptSha256: String) {
    self.incident = incident
    self.county = county
    self.receiptSha256 = receiptSha256
  }

  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let incident: String = read["incident"], let county: String = read["county"],
      let hash: String = read["receiptSha256"]
    else { return nil }
    self.init(incident: incident, county: county, receiptSha256: hash)
  }

  public var fields: [String: JSON] { ["incident": incident.json, "county": county.json, "receiptSha256": receiptSha256.json] }
}
