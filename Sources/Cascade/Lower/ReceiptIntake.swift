internal import Journal
internal import Logging
internal import Model
internal import NIOConcurrencyHelpers

/// Receipts as they come over one uplink: recognised, verified, stored, confirmed, or refused by name.
final class ReceiptIntake: Sendable {
  /// What a receipt came with.
  struct Arrival {
    var text: String
    /// Over the text, hexadecimal.
    var signature: String
    /// E8, when the message arrived.
    var at: BootTime
    /// Where the upper node's clock lay then.
    var offset: PeerOffset?
  }

  private let uplink: String
  private let node: String
  private let clock: any NodeClock
  private let facts: any FactSink
  private let folder: String
  private let incidents: SharedIncidents
  private let keyframes: KeyframeJournal
  private let stored: @Sendable (_ incident: String, _ receipt: ReceiptDocument) -> Void
  private let logger: Logger

  /// - Parameter stored: called when a receipt is on the disk and its fact durable.
  init(
    uplink: String, node: String, clock: any NodeClock, facts: any FactSink, dataFolder: String, incidents: SharedIncidents,
    keyframes: KeyframeJournal, stored: @escaping @Sendable (_ incident: String, _ receipt: ReceiptDocument) -> Void, logger: Logger
  ) {
    self.uplink = uplink
    self.node = node
    self.clock = clock
    self.facts = facts
    folder = dataFolder + "/receipts"
    self.incidents = incidents
    self.keyframes = keyframes
    self.stored = stored
    self.logger = logger
  }

  func receive(_ arrival: Arrival, on link: LinkChannel) {
    guard let key = link.peer?.key else { return }
    guard let receipt = ReceiptDocument(text: arrival.text), let incident = receipt.incident else { return refuse("", "malformed", nil, link) }
    let (announced, isHeld, isKnown) = incidents.withLockedValue { state in
      (state.announcements[incident], state.receipts.holds(receipt.sha256, of: incident), state.receipts.knows(incident))
    }
    // Sent again, because our confirmation was lost: it is on our disk.
    if isHeld { return link.send(.receiptStored(sha256: receipt.sha256)) }
    guard let announced else { return refuse(incident, isKnown ? "replayed" : "nonce", receipt, link) }
    let entry = receipt.unit.flatMap { keyframes.sent.entry(of: $0) }
    if let reason = receipt.refusal(
      signature: arrival.signature, by: key, county: node, opened: announced.opened, openedAt: announced.at, sent: entry)
    {
      return refuse(incident, reason, receipt, link)
    }
    guard let entry, let unit = receipt.unit else { return }
    // A key unit that left in the moments between E1 and its announcement was not journaled then.
    keyframes.record(unit)
    let stream = entry.stream.path
    guard let place = incidents.withLockedValue({ $0.receipts.reserve(stream, in: incident) }) else {
      return link.send(.receiptStored(sha256: receipt.sha256))
    }
    store(receipt, arrival, key, entry, place: place, incident, on: link)
  }

  private func store(
    _ receipt: ReceiptDocument, _ arrival: Arrival, _ key: NodePublicKey, _ entry: SentKeyframes.Entry, place: Int, _ incident: String,
    on link: LinkChannel
  ) {
    let files = ReceiptFiles(folder: folder, incident: incident, place: place)
    let fact = ReceiptReceivedFact(
      incident: incident, uplink: uplink, receipt: receipt.fields, receiptSha256: receipt.sha256, keySha256: key.fingerprint,
      isVerified: true, file: files.name, sent: entry.boot == clock.bootID ? entry.sent : nil, offset: arrival.offset)
    Task { [self] in
      do {
        try await files.store(text: receipt.text, signature: arrival.signature, pem: key.pem)
        _ = try await facts.commit(fact, at: arrival.at)
        incidents.withLockedValue { $0.receipts.stored(receipt.sha256, of: incident) }
        link.send(.receiptStored(sha256: receipt.sha256))
        stored(incident, receipt)
      } catch {
        logger.error("receipt not stored", metadata: ["incident": "\(incident)", "error": "\(error)"])
        incidents.withLockedValue { $0.receipts.release(place, entry.stream.path, in: incident) }
      }
    }
  }

  private func refuse(_ incident: String, _ reason: String, _ receipt: ReceiptDocument?, _ link: LinkChannel) {
    facts.record(ReceiptRefusedFact(incident: incident, party: .uplink(uplink), reason: reason, receiptSha256: receipt?.sha256))
    if let receipt { link.send(.receiptRefused(sha256: receipt.sha256, reason: reason)) }
  }
}
