/// `receipt.received`: E8, a receipt came over an uplink, was verified and is on the disk.
public struct ReceiptReceivedFact: FactBody {
  /// Written by an uplink.
  public static let kinds = [FactKind.receiptReceived]
  /// Id of the incident.
  public var incident: String
  /// Empty in a line that lacks it; such a receipt counts for nothing.
  public var uplink: String
  /// As it was signed (``ReceiptObject``); nil when the line has no object there.
  public var receipt: [String: JSON]?
  /// Of the receipt's file.
  public var receiptSha256: String?
  /// Fingerprint of the key that signed it.
  public var keySha256: String?
  /// Whether the signature holds and the receipt is for this incident.
  public var isVerified: Bool
  /// Name of its files below `DATA/receipts`, without ending.
  public var file: String?
  /// E6 of its unit; nil when that was in an earlier boot.
  public var sent: BootTime?
  /// Where the upper node's clock lay at that moment; nil while nobody knew.
  public var offset: PeerOffset?

  public init(
    incident: String, uplink: String, receipt: [String: JSON], receiptSha256: String, keySha256: String, isVerified: Bool, file: String,
    sent: BootTime?, offset: PeerOffset?
  ) {
    self.incident = incident
    self.uplink = uplink
    self.receipt = receipt
    self.receiptSha256 = receiptSha256
    self.keySha256 = keySha256
    self.isVerified = isVerified
    self.file = file
    self.sent = sent
    self.offset = offset
  }

  /// Nil for another kind, or without `incident`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let incident: String = read["incident"] else { return nil }
    self.incident = incident
    uplink = read["uplink"] ?? ""
    receipt = read.object("receipt")
    receiptSha256 = read["receiptSha256"]
    keySha256 = read["keySha256"]
    isVerified = read["verified"] ?? false
    file = read["file"]
    sent = read["sentNs"]
    offset = read["offset"]
  }

  /// Null for nil: `receiptSha256`, `keySha256`, `file`, `sentNs`, `offset`.
  public var fields: [String: JSON] {
    [
      "incident": incident.json, "uplink": uplink.json, "receipt": receipt.map { .object($0) } ?? .null, "receiptSha256": receiptSha256.json,
      "keySha256": keySha256.json, "verified": isVerified.json, "file": file.json, "sentNs": sent.json, "offset": offset.json,
    ]
  }
}
