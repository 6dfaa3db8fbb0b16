internal import Model

/// The province's picture: what was sent up, the receipts that came back, and which of them counts.
extension IncidentReducer {
  mutating func keyframeSent(_ fact: Fact) {
    guard let unit = KeyframeSentFact(fact) else { return }
    let at = NodeInstant(fact)
    let arrival = unit.unitArrival.map { at.at($0) }
    sent[unit.unit.text, default: []].append(Sent(at: at, uplink: unit.uplink, unitArrival: arrival))
    guard figures.province == nil, arrival.map(isAfterStart) ?? false, let stream = unit.stream?.text else { return }
    if figures.devices.contains(where: { $0.stream == stream && $0.isEligible }) { offered.insert(unit.unit.text) }
  }

  mutating func receiptReceived(_ fact: Fact) {
    guard let body = ReceiptReceivedFact(fact) else { return }
    guard let receipt = body.receipt.flatMap({ Receipt(ReceiptObject($0)) }) else { return refuse("receipt", body.uplink, "malformed", fact) }
    let device = figures.devices.first { $0.stream == receipt.stream }
    if let reason = objection(to: receipt, body, fact, device) { return refuse("receipt", body.uplink, reason, fact) }
    guard let device, let first = firstSent(receipt.unit, body.uplink) else { return }
    let received = NodeInstant(fact)
    var countyBracket: Bracket?
    if let lower = first.at - start, let upper = received - start { countyBracket = Bracket(lower: lower, upper: upper) }
    add(.t8, fact, device.name, uncertainty: (received - first.at) ?? .zero)
    guard figures.province == nil else { return }
    // The beacon must be one that E1 carried: a receipt cannot choose its own.
    let isBeaconKnown = receipt.beaconNonce.map(beaconNonces.contains) == true
    let provinceBracket = isBeaconKnown ? receipt.bracket : nil
    let offset = body.offset.flatMap { ClockOffset($0, at: received) }
    proof = Proof(receipt: receipt, uplink: body.uplink, received: received, sent: first.at, offset: offset, isBeaconKnown: isBeaconKnown)
    figures.province = IncidentFigures.Province(
      name: receipt.province, grade: provinceBracket == nil ? .countyClockOnly : receipt.grade, countyBracket: countyBracket,
      provinceBracket: provinceBracket, dated: dated(within: countyBracket), device: device.name, unit: receipt.unit)
  }

  /// c(E7) − c(E1) by the offset that was known when the receipt came, within what is proven.
  private func dated(within countyBracket: Bracket?) -> Bracket? {
    guard let proof, let offset = proof.offset, offset.peerBoot == proof.receipt.boot, let countyBracket else { return nil }
    let seen = offset.own(of: proof.receipt.decoded)
    guard let lower = proof.received.at(seen.earliest) - start, let upper = proof.received.at(seen.latest) - start else { return nil }
    return Bracket(lower: lower, upper: upper)?.intersection(countyBracket)
  }

  /// How the uplink's part went: to the first byte, to the province's decoder, back.
  mutating func splitUplink() {
    guard let proof, let device = figures.breakdown?.device, device == figures.province?.device else { return }
    let decoded = figures.step(.t6, device: device)
    figures.breakdown?.sent = decoded.flatMap { proof.sent - $0.at }
    guard let dated = figures.province?.dated, let sent = proof.sent - start, let received = proof.received - start else { return }
    figures.breakdown?.up = Bracket(lower: dated.lower - sent, upper: dated.upper - sent)
    figures.breakdown?.back = Bracket(lower: received - dated.upper, upper: received - dated.lower)
  }

  /// Why a receipt does not count; nil when it does.
  private func objection(to receipt: Receipt, _ body: ReceiptReceivedFact, _ fact: Fact, _ device: IncidentDevice?) -> String? {
    guard body.isVerified else { return "signature" }
    guard receipt.incident == figures.id, receipt.nonce == figures.nonce, !figures.nonce.isEmpty else { return "nonce" }
    guard receipt.openedSha256 == opened.hash, receipt.county == opened.node else { return "opened" }
    guard receipt.isVisible else { return "black" }
    guard !receipt.isDisordered else { return "times" }
    guard let device, device.isEligible else { return "notEligible" }
    if let arrival = arrivals[receipt.unit] ?? sent[receipt.unit]?.compactMap(\.unitArrival).first, !isAfterStart(arrival) {
      return "beforeReceived"
    }
    guard let first = firstSent(receipt.unit, body.uplink) else { return "unit" }
    // Nothing transcodes on the way up: a unit that both decoded is the same at both.
    if let seen = contents[receipt.unit], seen != receipt.vclSha256 { return "content" }
    if let elapsed = NodeInstant(fact) - first.at, elapsed < .zero { return "times" }
    return nil
  }

  /// The first time a unit was written to an uplink at or after t1: a repeat could be later than the decode that it is to bound from below.
  private func firstSent(_ unit: String, _ uplink: String) -> Sent? {
    sent[unit]?.first { $0.uplink == uplink && isAfterStart($0.at) }
  }
}
