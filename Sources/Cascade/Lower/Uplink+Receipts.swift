internal import Hub
internal import Journal
internal import Logging
public import Model
internal import NIOConcurrencyHelpers

/// Receipts as they come over an uplink: known again, verified, stored, confirmed, or refused by name.
extension Uplink {
  /// Takes up what the journal says of this uplink before a restart: which key frames left and which receipts are on the disk. Before ``start()``.
  public func recover(from facts: [Fact]) {
    for fact in facts where fact["uplink"]?.stringValue == settings.name {
      switch fact.kind {
      case FactKind.keyframeSent:
        guard let unit = fact["unit"]?.stringValue, let stream = fact["stream"]?.stringValue.flatMap({ StreamName($0) }),
          let arrival = fact["unitArrivalNs"]?.intValue
        else { continue }
        sent.recover(
          unit,
          SentKeyframes.Entry(
            stream: stream, firstArrival: BootTime(nanoseconds: arrival), sent: fact.bootTime, boot: fact.boot, journaled: true))
      case FactKind.receiptReceived:
        guard let incident = fact["incident"]?.stringValue, let sha256 = fact["receiptSha256"]?.stringValue else { continue }
        state.withLockedValue { state in
          state.answered[incident, default: Answered()].receipts += 1
          state.answered[incident]?.sha256.insert(sha256)
          if let stream = fact["receipt"]?["stream"]?.stringValue { state.answered[incident]?.streams.insert(stream) }
        }
      default: continue
      }
    }
  }

  func takeReceipt(_ text: String, signature: String, pem: String, arrival: BootTime, on link: LinkChannel) {
    guard let key = link.peer?.key else { return }
    guard let receipt = ReceiptDocument(text: text), let incident = receipt.incident else { return refuse("", "malformed", nil, link) }
    let (known, answered) = state.withLockedValue { ($0.incidents[incident], $0.answered[incident]) }
    // Said again, because our confirmation was lost: it is on our disk.
    if answered?.sha256.contains(receipt.sha256) == true { return link.send(.receiptStored(sha256: receipt.sha256)) }
    guard let known else { return refuse(incident, answered == nil ? "nonce" : "replayed", receipt, link) }
    let entry = receipt.unit.flatMap { sent.entry(of: $0) }
    if let reason = receipt.refusal(
      signature: signature, by: key, county: hub.node, opened: known.opened, openedAt: known.at, sent: entry)
    {
      return refuse(incident, reason, receipt, link)
    }
    guard let entry, let unit = receipt.unit else { return }
    // A key unit that left in the moments between E1 and its announcement was not journaled then.
    journalSend(of: unit)
    guard let place = placeFor(receipt, incident) else { return link.send(.receiptStored(sha256: receipt.sha256)) }
    let files = ReceiptFiles(folder: dataFolder + "/receipts", incident: incident, place: place)
    let fields: [String: JSON] = [
      "incident": .string(incident), "uplink": .string(settings.name), "receipt": .object(receipt.fields),
      "receiptSha256": .string(receipt.sha256), "keySha256": .string(key.fingerprint), "verified": true, "file": .string(files.name),
      "sentNs": entry.boot == hub.clock.bootID ? .int(entry.sent.nanoseconds) : .null,
      "offset": offset(at: arrival).map(JSON.object) ?? .null,
    ]
    store(receipt, fields, files, place, signature: signature, pem: key.pem, arrival: arrival, on: link)
  }

  private func store(
    _ receipt: ReceiptDocument, _ fields: [String: JSON], _ files: ReceiptFiles, _ place: Int, signature: String, pem: String, arrival: BootTime,
    on link: LinkChannel
  ) {
    let incident = receipt.incident ?? ""
    let facts = hub.facts
    Task { [self] in
      do {
        try await files.store(text: receipt.text, signature: signature, pem: pem)
        _ = try await facts.commit(FactKind.receiptReceived, fields, at: arrival)
        state.withLockedValue { _ = $0.answered[incident]?.sha256.insert(receipt.sha256) }
        link.send(.receiptStored(sha256: receipt.sha256))
        events.receiptStored(incident, receipt)
      } catch {
        logger.error("receipt not stored", metadata: ["incident": "\(incident)", "error": "\(error)"])
        // Not on the disk: when the upper node says it again it must not be passed over.
        state.withLockedValue { state in
          state.answered[incident]?.streams.remove(receipt.fields["stream"]?.stringValue ?? "")
          if state.answered[incident]?.receipts == place { state.answered[incident]?.receipts = place - 1 }
        }
      }
    }
  }

  /// Which receipt of the incident this is, 1…; nil when that stream's is stored already.
  private func placeFor(_ receipt: ReceiptDocument, _ incident: String) -> Int? {
    let stream = receipt.fields["stream"]?.stringValue ?? ""
    return state.withLockedValue { state in
      guard state.answered[incident, default: Answered()].streams.insert(stream).inserted else { return nil }
      state.answered[incident]?.receipts += 1
      return state.answered[incident]?.receipts
    }
  }

  private func refuse(_ incident: String, _ reason: String, _ receipt: ReceiptDocument?, _ link: LinkChannel) {
    hub.facts.record(
      FactKind.receiptRefused,
      [
        "incident": .string(incident), "uplink": .string(settings.name), "reason": .string(reason),
        "receiptSha256": receipt.map { .string($0.sha256) } ?? .null,
      ])
    if let receipt { link.send(.receiptRefused(sha256: receipt.sha256, reason: reason)) }
  }
}
