internal import Journal
internal import Model
internal import NIOConcurrencyHelpers

/// Signs an upper node's receipts, and sends each until its county has confirmed or refused it.
final class ReceiptDesk: Sendable {
  private let node: String
  private let identity: NodeIdentity
  private let facts: any FactSink
  private let links: LowerLinks
  private let book = NIOLockedValueBox(ReceiptBook())

  init(node: String, identity: NodeIdentity, facts: any FactSink, links: LowerLinks) {
    self.node = node
    self.identity = identity
    self.facts = facts
    self.links = links
  }

  // MARK: Recovery

  /// A fact of ``UpperDesk/kinds`` that is about receipts.
  func recover(_ fact: Fact) {
    book.withLockedValue { book in
      switch fact.kind {
      case FactKind.provinceDecoded:
        guard let picture = PictureDecodedFact(fact), let county = picture.subject.county, let incident = picture.subject.incident else { return }
        book.recover(decoded: picture, CaseKey(county: county, incident: incident), at: NodeInstant(fact))
      case FactKind.receiptSent: if let sent = ReceiptSentFact(fact) { book.recover(sent: sent) }
      case FactKind.receiptConfirmed: if let confirmed = ReceiptConfirmedFact(fact) { book.recover(confirmed: confirmed) }
      default: break
      }
    }
  }

  /// Pictures that were decoded before a restart and never signed.
  func drainUnsigned() -> [ReceiptBook.Unsigned] { book.withLockedValue { $0.drainUnsigned() } }

  // MARK: Sending

  /// Signs the receipt for a picture, journals it, and sends it when the county has a link. Throws ``Fault`` when the disk refuses.
  /// - Parameter at: p(E7), of the boot that decoded it.
  func issue(_ picture: PictureDecodedFact, at: NodeInstant, for received: ReceivedIncident) async throws {
    let receipt = Receipts.document(of: picture, at: at, received, province: node)
    let key = CaseKey(county: received.county, incident: received.opened.incident)
    let signed = SignedReceipt(receipt: receipt, signature: Hex.encode(try identity.sign(Array(receipt.text.utf8))))
    _ = try await facts.commit(
      ReceiptSentFact(
        incident: key.incident, county: key.county, receipt: receipt.fields, receiptSha256: receipt.sha256, signature: signed.signature))
    book.withLockedValue { $0.add(signed, key) }
    if let link = links[key.county] { send(signed, on: link) }
  }

  /// A county's link is back: what it did not confirm is sent again.
  func resend(to county: String, on link: LinkChannel) {
    for signed in book.withLockedValue({ $0.unconfirmed(of: county) }) { send(signed, on: link) }
  }

  private func send(_ signed: SignedReceipt, on link: LinkChannel) {
    link.send(.receipt(text: signed.receipt.text, signature: signed.signature, pem: identity.publicKey.pem))
  }

  // MARK: The county's answers

  func confirmed(_ sha256: String, by county: String) {
    guard let known = book.withLockedValue({ $0.remove(sha256, of: county) }) else { return }
    facts.record(ReceiptConfirmedFact(incident: known.key.incident, county: county, receiptSha256: sha256))
  }

  /// - Returns: the receipt that the county cannot take; nil when it was never sent to it.
  func refused(_ sha256: String, _ reason: String, by county: String) -> (key: CaseKey, receipt: ReceiptDocument)? {
    guard let known = book.withLockedValue({ $0.remove(sha256, of: county) }) else { return nil }
    facts.record(
      ReceiptRefusedFact(
        incident: known.key.incident, party: .county(county), reason: String(reason.prefix(32)), receiptSha256: sha256))
    return known
  }
}
