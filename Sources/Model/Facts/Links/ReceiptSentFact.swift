/// `receipt.sent`: the upper node signed a receipt; it sends it again after each reconnect until the county confirms or refuses it.
public struct ReceiptSentFact: FactBody {
  /// Written by the upper desk.
  public static let kinds = [FactKind.receiptSent]
  /// Id of the incident.
  public var incident: String
  /// The lower node's name.
  public var county: String
  /// As signed (``ReceiptObject``).
  public var receipt: [String: JSON]
  /// Of the receipt's file.
  public var receiptSha256: String
  /// Ed25519 over the file's bytes, hexadecimal.
  public var signature: String

  public init(incident: String, county: String, receipt: [String: JSON], receiptSha256: String, signature: String) {
    self.incident = incident
    self.county = county
    self.receipt = receipt
    self.receiptSha256 = receiptSha256
    self.signature = signature
  }

  /// Nil for another kind, or without `incident`, `county`, `signature` and `receipt`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let incident: String = read["incident"], let county: String = read["county"],
      let receipt = read.object("receipt"), let signature: String = read["signature"]
    else { return nil }
    self.init(incident: incident, county: county, receipt: receipt, receiptSha256: read["receiptSha256"] ?? "", signature: signature)
  }

  /// Every member is always there.
  public var fields: [String: JSON] {
    [
      "incident": incident.json, "county": county.json, "receipt": .object(receipt), "receiptSha256": receiptSha256.json,
      "signature": signature.json,
    ]
  }
}
