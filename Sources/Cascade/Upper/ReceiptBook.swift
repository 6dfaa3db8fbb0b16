internal import Model

/// The receipts of an upper node that no county has confirmed yet, decided without I/O.
struct ReceiptBook {
  /// A picture that was journaled without a receipt: the node was restarted in between.
  struct Unsigned {
    var key: CaseKey
    var picture: PictureDecodedFact
    /// p(E7), of the boot that decoded it.
    var at: NodeInstant
  }

  private var unconfirmed: [CaseKey: [SignedReceipt]] = [:]
  private var unsigned: [Unsigned] = []

  // MARK: Recovery

  mutating func recover(decoded picture: PictureDecodedFact, _ key: CaseKey, at: NodeInstant) {
    unsigned.append(Unsigned(key: key, picture: picture, at: at))
  }

  mutating func recover(sent fact: ReceiptSentFact) {
    let signed = SignedReceipt(receipt: ReceiptDocument(fields: fact.receipt), signature: fact.signature)
    let key = CaseKey(county: fact.county, incident: fact.incident)
    add(signed, key)
    unsigned.removeAll { $0.key == key && $0.picture.subject.unit?.text == signed.receipt.unit }
  }

  mutating func recover(confirmed fact: ReceiptConfirmedFact) {
    unconfirmed[CaseKey(county: fact.county, incident: fact.incident)]?.removeAll { $0.receipt.sha256 == fact.receiptSha256 }
  }

  /// Pictures without a receipt, once.
  mutating func drainUnsigned() -> [Unsigned] {
    defer { unsigned = [] }
    return unsigned
  }

  // MARK: Receipts

  mutating func add(_ signed: SignedReceipt, _ key: CaseKey) { unconfirmed[key, default: []].append(signed) }

  /// What a county must be sent when its link is back.
  func unconfirmed(of county: String) -> [SignedReceipt] { unconfirmed.filter { $0.key.county == county }.flatMap(\.value) }

  /// The county answered for a receipt; nil when it was never sent to it, or was answered before.
  mutating func remove(_ sha256: String, of county: String) -> (key: CaseKey, receipt: ReceiptDocument)? {
    for (key, receipts) in unconfirmed where key.county == county {
      guard let index = receipts.firstIndex(where: { $0.receipt.sha256 == sha256 }) else { continue }
      unconfirmed[key]?.remove(at: index)
      return (key, receipts[index].receipt)
    }
    return nil
  }
}
