internal import Evidence
internal import Hub
internal import Journal
internal import Logging
internal import Model
internal import NIOConcurrencyHelpers
internal import NIOCore

/// The counties' incidents at an upper node: receives E1, looks for the first picture itself, and has a receipt made of what it saw.
final class CaseDesk: Sendable {
  private struct State {
    var book = CaseBook()
    var probes: [CaseKey: [StreamName: PictureProbe]] = [:]
  }

  private let hub: Hub
  private let identity: NodeIdentity
  private let dataFolder: String
  private let loop: any EventLoop
  private let decoder: any PictureDecoder
  private let receipts: ReceiptDesk
  private let logger: Logger
  private let state = NIOLockedValueBox(State())

  init(
    hub: Hub, identity: NodeIdentity, dataFolder: String, loop: any EventLoop, decoder: any PictureDecoder, receipts: ReceiptDesk,
    logger: Logger
  ) {
    self.hub = hub
    self.identity = identity
    self.dataFolder = dataFolder
    self.loop = loop
    self.decoder = decoder
    self.receipts = receipts
    self.logger = logger
  }

  var all: [ReceivedIncident] { state.withLockedValue { $0.book.all } }

  // MARK: Recovery

  /// A fact of ``UpperDesk/kinds`` that is about incidents: p(E1′) stays the first.
  func recover(_ fact: Fact) {
    state.withLockedValue { state in
      if let received = ProvinceHeardFact(fact), let opened = OpenedIncident(received.opened) {
        let arrival = fact.boot == hub.clock.bootID ? fact.bootTime : nil
        _ = state.book.receive(ReceivedIncident(county: received.county, opened: opened, at: NodeInstant(fact), arrival: arrival))
      } else if fact.kind == FactKind.provinceDecoded, let county = fact.county, let incident = fact.incident,
        let stream = fact.stream.flatMap({ StreamName($0) })
      {
        state.book.decoded(stream, of: CaseKey(county: county, incident: incident), at: fact.bootTime)
      }
    }
  }

  /// Signs what was seen before a restart and not sent yet: its times are all of the boot in which it was seen.
  func signRecovered() async throws {
    for unsigned in receipts.drainUnsigned() {
      guard let received = state.withLockedValue({ $0.book[unsigned.key] }) else { continue }
      try await receipts.issue(unsigned.picture, at: unsigned.at, for: received)
    }
  }

  // MARK: E1

  /// E1 arrived: journaled before anything is looked for.
  func receive(_ opened: OpenedIncident, from county: String, arrival: BootTime) {
    var kept = opened
    // Of another boot, or not of this node's making, it proves nothing.
    kept.beacon = opened.beacon.flatMap { $0.boot == hub.clock.bootID && $0.isValid(by: identity.publicKey) ? $0 : nil }
    let at = NodeInstant(node: hub.node, boot: hub.clock.bootID, time: arrival)
    let received = ReceivedIncident(county: county, opened: kept, at: at, arrival: arrival)
    let key = CaseKey(county: county, incident: opened.incident)
    switch state.withLockedValue({ $0.book.receive(received) }) {
    case .new: journal(received, key, arrival)
    case .known: look(key)
    case .changed:
      hub.facts.record(
        ReceiptRefusedFact(incident: opened.incident, party: .county(county), reason: "opened", receiptSha256: nil), at: arrival)
    }
  }

  private func journal(_ received: ReceivedIncident, _ key: CaseKey, _ arrival: BootTime) {
    let opened = received.opened
    let fact = ProvinceHeardFact(
      incident: key.incident, county: key.county, nonce: opened.nonce, openedSha256: opened.openedSHA256,
      beaconNonce: opened.beacon?.nonce, beacon: opened.beacon.map { BootTime(nanoseconds: $0.nanoseconds) }, opened: opened.fields)
    Task {
      do {
        _ = try await hub.facts.commit(fact, at: arrival)
        look(key)
      } catch { logger.error("E1 not journaled", metadata: ["incident": "\(key.incident)", "error": "\(error)"]) }
    }
  }

  // MARK: Pictures

  /// The county wants no more pictures of it.
  func close(_ key: CaseKey) {
    let probes = state.withLockedValue { $0.probes.removeValue(forKey: key) ?? [:] }
    for probe in probes.values { probe.cancel() }
  }

  func stop() {
    let probes = state.withLockedValue { state in state.probes.values.flatMap(\.values) }
    for probe in probes { probe.cancel() }
  }

  /// The county cannot take a receipt. Where another unit may do (the county was killed before its E6 was on its disk) another picture is looked for.
  func refused(_ receipt: ReceiptDocument, of key: CaseKey, because reason: String) {
    guard reason == "unit", let stream = receipt.object.stream?.value, let unit = receipt.object.unit?.value else { return }
    let old = state.withLockedValue { state -> PictureProbe?? in
      guard state.book.lookAgain(stream, after: unit, of: key) else { return nil }
      return .some(state.probes[key]?.removeValue(forKey: stream))
    }
    guard let old else { return }
    old?.cancel()
    look(key)
  }

  /// Watches every stream of an incident that showed no picture yet.
  private func look(_ key: CaseKey) {
    let (received, wanted) = state.withLockedValue { state in
      (state.book[key], state.book.wanted(key).filter { state.probes[key]?[$0.device.stream] == nil })
    }
    guard let received else { return }
    for one in wanted {
      guard let name = one.device.stream.prefixed(by: key.county) else { continue }
      let probe = probe(name, one, key, from: received.arrival ?? hub.clock.bootTime())
      let isFirst = state.withLockedValue { state in
        guard state.probes[key]?[one.device.stream] == nil else { return false }
        state.probes[key, default: [:]][one.device.stream] = probe
        return true
      }
      if !isFirst { probe.cancel() }
    }
  }

  /// - Parameter name: of the stream as it is named here.
  private func probe(_ name: StreamName, _ wanted: CaseBook.Wanted, _ key: CaseKey, from start: BootTime) -> PictureProbe {
    let device = wanted.device
    let evidence = PictureEvidence(
      PictureWish(incident: key.incident, county: key.county, device: device.device, stream: device.stream, index: wanted.index),
      dataFolder: dataFolder, refusals: .everyUnit)
    return PictureProbe.start(
      on: name, of: hub, loop: loop, decoder: decoder,
      condition: PictureProbe.Condition(receivedFrom: start, numberedFrom: wanted.floor)
    ) { [weak self] sighting in self?.keep(sighting, evidence, key) }
  }

  private func keep(_ sighting: PictureProbe.Sighting, _ evidence: PictureEvidence, _ key: CaseKey) {
    switch sighting {
    case .first(let unit, let picture, let decoded): first(unit, picture, decoded, evidence, key)
    case .second(let unit, let picture, let decoded): hub.facts.record(evidence.second(unit, picture, decoded: decoded), at: decoded)
    case .refused(let unit, let reason):
      if let refusal = evidence.refused(unit, reason) { hub.facts.record(refusal, at: unit.arrival) }
    }
  }

  /// E7: stored, journaled, then signed, then sent.
  private func first(_ unit: AccessUnit, _ picture: DecodedPicture, _ decoded: BootTime, _ evidence: PictureEvidence, _ key: CaseKey) {
    let received = state.withLockedValue { state in
      state.book.decoded(evidence.wish.stream, of: key, at: decoded)
      return state.book[key]
    }
    guard let received else { return }
    let fact = evidence.first(unit, picture, decoded: decoded)
    let at = NodeInstant(node: hub.node, boot: hub.clock.bootID, time: decoded)
    Task {
      do {
        try await evidence.store(picture)
        _ = try await hub.facts.commit(fact, at: decoded)
        try await receipts.issue(fact, at: at, for: received)
      } catch { logger.error("no receipt", metadata: ["incident": "\(key.incident)", "error": "\(error)"]) }
    }
  }
}
