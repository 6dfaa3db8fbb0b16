internal import Hub
public import Model
internal import NIOConcurrencyHelpers

/// What an upper node knows again after a restart: what it heard, what it saw, and what it has not been believed yet.
extension UpperDesk {
  /// Takes up what the journal says was heard before a restart, so that p(E1′) stays the first. Before ``start(host:port:)``.
  public func recover(from facts: [Fact]) {
    state.withLockedValue { state in
      for fact in facts {
        switch fact.kind {
        case FactKind.provinceHeard: recoverHeard(fact, &state)
        case FactKind.provinceDecoded: recoverDecoded(fact, &state)
        case FactKind.receiptSent: recoverSent(fact, &state)
        case FactKind.receiptConfirmed: recoverConfirmed(fact, &state)
        default: continue
        }
      }
    }
  }

  private func recoverHeard(_ fact: Fact, _ state: inout State) {
    guard let county = fact["county"]?.stringValue, let opened = fact["opened"]?.objectValue.flatMap({ OpenedIncident($0) }) else { return }
    let key = UpperDesk.key(county, opened.incident)
    guard state.cases[key] == nil else { return }
    let heardAt = fact.boot == hub.clock.bootID ? fact.bootTime : nil
    state.cases[key] = Case(heard: Heard(county: county, opened: opened, at: NodeInstant(fact), heardAt: heardAt, decoded: [:]))
  }

  private func recoverDecoded(_ fact: Fact, _ state: inout State) {
    guard let county = fact["county"]?.stringValue, let incident = fact["incident"]?.stringValue,
      let stream = fact["stream"]?.stringValue.flatMap({ StreamName($0) })
    else { return }
    state.cases[UpperDesk.key(county, incident)]?.heard.decoded[stream] = fact.bootTime
    state.unsigned.append(fact)
  }

  private func recoverSent(_ fact: Fact, _ state: inout State) {
    guard let county = fact["county"]?.stringValue, let incident = fact["incident"]?.stringValue,
      let receipt = fact["receipt"]?.objectValue, let signature = fact["signature"]?.stringValue
    else { return }
    state.cases[UpperDesk.key(county, incident)]?.unconfirmed.append(
      SignedReceipt(receipt: ReceiptDocument(fields: receipt), signature: signature))
    state.unsigned.removeAll { $0["county"]?.stringValue == county && $0["unit"] == receipt["unit"] && $0["incident"] == receipt["incident"] }
  }

  private func recoverConfirmed(_ fact: Fact, _ state: inout State) {
    guard let county = fact["county"]?.stringValue, let incident = fact["incident"]?.stringValue else { return }
    state.cases[UpperDesk.key(county, incident)]?.unconfirmed.removeAll { $0.receipt.sha256 == fact["receiptSha256"]?.stringValue }
  }

  /// Signs what was seen before the restart and not said yet: its times are all of the boot in which it was seen.
  func signRecovered() async throws {
    let unsigned = state.withLockedValue { state in
      defer { state.unsigned = [] }
      return state.unsigned
    }
    for fact in unsigned {
      guard let county = fact["county"]?.stringValue, let incident = fact["incident"]?.stringValue else { continue }
      let key = UpperDesk.key(county, incident)
      guard let heard = state.withLockedValue({ $0.cases[key]?.heard }) else { continue }
      _ = try await issue(Receipts.document(of: fact.fields, at: NodeInstant(fact), heard, province: hub.node), key)
    }
  }
}
