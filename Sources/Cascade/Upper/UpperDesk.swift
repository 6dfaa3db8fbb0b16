internal import Crypto
public import Hub
public import Journal
public import Logging
public import Model
internal import NIOConcurrencyHelpers
public import NIOCore
internal import NIOPosix

/// The upper end of all control links: answers lower nodes, beacons each second, hears E1, looks for the first picture itself and signs what it saw.
public final class UpperDesk: Sendable, LinkDelegate {
  /// One lower node's link, for API and page.
  public struct Status: Sendable {
    public var node: String
    public var remoteAddress: String
    public var since: BootTime
  }

  /// An incident that a lower node told of, for API and page.
  public struct Heard: Sendable {
    public var county: String
    public var opened: OpenedIncident
    /// p(E1′), on the clock of the boot in which it was heard.
    public var at: NodeInstant
    /// p(E1′); nil when it was heard in an earlier boot.
    public var heardAt: BootTime?
    /// Streams whose first picture was decoded here, with p(E7).
    public var decoded: [StreamName: BootTime]
  }

  struct Case {
    var heard: Heard
    var probes: [StreamName: PictureProbe] = [:]
    /// Receipts that the county did not confirm yet.
    var unconfirmed: [SignedReceipt] = []
    /// How many receipts proved nothing at the county, so that another picture was looked for.
    var refusals = 0
    /// Units that count from then on, where a receipt was refused.
    var floors: [StreamName: (epoch: UInt64, number: UInt64)] = [:]
  }

  struct State {
    var links: [String: (link: LinkChannel, since: BootTime)] = [:]
    var cases: [String: Case] = [:]
    var secrets: [String: String] = [:]
    /// Decoded and journaled before a restart that came before the receipt: the `province.decoded` facts.
    var unsigned: [Fact] = []
    var channel: (any Channel)?
    var stopped = false
  }

  let hub: Hub
  private let identity: NodeIdentity
  private let dataFolder: String
  private let group: any EventLoopGroup
  private let loop: any EventLoop
  private let decoder: any PictureDecoder
  private let logger: Logger
  public let peers: PeerStore
  /// How far the lower nodes' clocks lie from this one's.
  public let clocks = LowerClocks()
  let state = NIOLockedValueBox(State())

  public init(
    hub: Hub, identity: NodeIdentity, peers: PeerStore, dataFolder: String, group: any EventLoopGroup, decoder: any PictureDecoder,
    logger: Logger
  ) {
    self.hub = hub
    self.identity = identity
    self.peers = peers
    self.dataFolder = dataFolder
    self.group = group
    loop = group.next()
    self.decoder = decoder
    self.logger = logger
  }

  // MARK: Control

  /// Binds the control port. Returns the port that was bound.
  public func start(host: String, port: Int) async throws -> Int {
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { [self] channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(makeLink()) }
      }
    try await signRecovered()
    do {
      let channel = try await bootstrap.bind(host: host, port: port).get()
      state.withLockedValue { $0.channel = channel }
      loop.scheduleRepeatedTask(initialDelay: .milliseconds(100), delay: .seconds(1)) { [weak self] task in
        guard let self, !self.state.withLockedValue({ $0.stopped }) else { return task.cancel() }
        self.everySecond()
      }
      return channel.localAddress?.port ?? port
    } catch { throw Fault(.portInUse, "control \(host):\(port)") }
  }

  public func stop() async {
    let (channel, links, probes) = state.withLockedValue { state in
      state.stopped = true
      return (state.channel, state.links.values.map(\.link), state.cases.values.flatMap { $0.probes.values })
    }
    for probe in probes { probe.cancel() }
    for link in links { link.close(Fault(.streamEnded, "shutting down")) }
    try? await channel?.close()
  }

  public func status() -> [Status] {
    state.withLockedValue { state in
      state.links.map { Status(node: $0.key, remoteAddress: $0.value.link.remoteAddress, since: $0.value.since) }.sorted { $0.node < $1.node }
    }
  }

  public func heard() -> [Heard] { state.withLockedValue { $0.cases.values.map(\.heard) } }

  /// Whether these are the credentials that a linked node was given for its media.
  public func isMediaSecret(_ secret: String, of node: String) -> Bool {
    state.withLockedValue { state in
      guard let known = state.secrets[node], known.utf8.count == secret.utf8.count else { return false }
      return zip(known.utf8, secret.utf8).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
  }

  /// The secret of a linked node's media, for digest authentication; nil when it has no link.
  public func mediaSecret(of node: String) -> String? { state.withLockedValue { $0.secrets[node] } }

  private func makeLink() -> LinkChannel {
    LinkChannel(
      role: .upper(peers: peers) { [weak self] request, answer in self?.pair(request, answer) }, identity: identity, node: hub.node,
      clock: hub.clock, delegate: self)
  }

  private func everySecond() {
    let links = state.withLockedValue { $0.links.values.map(\.link) }
    guard !links.isEmpty else { return }
    do {
      let beacon = try Beacon(nonce: Nonce.random(bytes: 16), at: hub.clock.bootTime(), boot: hub.clock.bootID, identity: identity)
      clocks.sent(beacon)
      for link in links { link.send(.beacon(beacon)) }
    } catch { logger.error("no beacon", metadata: ["error": "\(error)"]) }
  }

  /// Pairing reads and writes files: on a thread that may block.
  private func pair(_ request: [UInt8], _ answer: @escaping @Sendable ([UInt8]) -> Void) {
    let work: @Sendable () -> Result<(String, NodePublicKey, [UInt8]), Fault> = { [self] in
      do throws(Fault) {
        let done = try PairingExchange.answer(
          request, node: hub.node, key: identity.publicKey, dataFolder: dataFolder, now: hub.clock.wallTime())
        try peers.remember(done.peer.node, done.peer.key)
        return .success((done.peer.node, done.peer.key, done.answer))
      } catch { return .failure(error) }
    }
    NIOThreadPool.singleton.submit { [self] _ in
      switch work() {
      case .success(let (node, key, bytes)):
        hub.facts.record("link.paired", ["county": .string(node), "peer": .string(key.fingerprint)])
        answer(bytes)
      case .failure(let fault):
        hub.facts.record(FactKind.accessRefused, ["what": "link", "peer": "pairing", "code": .string(fault.code.rawValue)])
        answer(PairingExchange.refusal(fault))
      }
    }
  }

  // MARK: LinkDelegate

  func linkOpened(_ link: LinkChannel, peer: LinkHandshake.Party) {
    let now = hub.clock.bootTime()
    clocks.linked(peer)
    let secret = Nonce.random(bytes: 24)
    let (old, unconfirmed) = state.withLockedValue { state in
      let old = state.links[peer.node]?.link
      state.links[peer.node] = (link, now)
      let known = state.secrets[peer.node] ?? secret
      state.secrets[peer.node] = known
      return (old, (known, state.cases.values.filter { $0.heard.county == peer.node }.flatMap(\.unconfirmed)))
    }
    old?.close(Fault(.streamBusy, "the node dialled again"))
    hub.facts.record(FactKind.linkUp, ["county": .string(peer.node), "peer": .string(peer.key.fingerprint)], at: now)
    link.send(.mediaCredentials(user: peer.node, secret: unconfirmed.0))
    for receipt in unconfirmed.1 { send(receipt, on: link) }
  }

  func linkClosed(_ link: LinkChannel, reason: Fault) {
    guard let node = link.peer?.node else { return }
    let was = state.withLockedValue { state in
      guard state.links[node]?.link === link else { return false }
      state.links[node] = nil
      return true
    }
    guard was else { return }
    hub.facts.record(
      FactKind.linkDown,
      [
        "county": .string(node), "peer": .string(link.peer?.key.fingerprint ?? ""), "code": .string(reason.code.rawValue),
        "origin": .string(reason.origin.rawValue), "detail": .string(reason.detail),
      ])
  }

  func linkReceived(_ message: LinkMessage, arrival: BootTime, on link: LinkChannel) {
    guard let peer = link.peer else { return }
    switch message {
    case .timeRequest(let t1, let heard):
      if let heard, case .stepped(let low, let high)? = clocks.take(heard, t1: t1, arrival: arrival, of: peer) {
        hub.facts.record(
          FactKind.clockStep,
          [
            "what": "offset", "county": .string(peer.node), "stepLowNs": low.map(JSON.int) ?? .null, "stepHighNs": high.map(JSON.int) ?? .null,
          ], at: arrival)
      }
      link.send(.timeAnswer(t1: t1, t2: arrival.nanoseconds, t3: hub.clock.bootTime().nanoseconds))
    case .opened(let opened): hear(opened, from: peer.node, arrival: arrival)
    case .closed(let incident): close(UpperDesk.key(peer.node, incident))
    case .receiptStored(let sha256): confirmed(sha256, by: peer.node)
    case .receiptRefused(let sha256, let reason): refused(sha256, reason, by: peer.node)
    case .beacon, .timeAnswer, .mediaCredentials, .receipt, .unknown: break
    }
  }

  // MARK: Incidents

  static func key(_ county: String, _ incident: String) -> String { "\(county)/\(incident)" }

  private func taken(_ sha256: String, of county: String) -> (key: String, receipt: ReceiptDocument)? {
    state.withLockedValue { state in
      for (key, one) in state.cases where one.heard.county == county {
        guard let index = one.unconfirmed.firstIndex(where: { $0.receipt.sha256 == sha256 }) else { continue }
        state.cases[key]?.unconfirmed.remove(at: index)
        return (key, one.unconfirmed[index].receipt)
      }
      return nil
    }
  }

  private func confirmed(_ sha256: String, by county: String) {
    guard let known = taken(sha256, of: county) else { return }
    hub.facts.record(
      FactKind.receiptConfirmed,
      ["incident": .string(known.receipt.incident ?? ""), "county": .string(county), "receiptSha256": .string(sha256)])
  }

  /// The county cannot take this receipt. Where another unit may do (it was killed before its E6 reached the disk) another picture is looked for.
  private func refused(_ sha256: String, _ reason: String, by county: String) {
    guard let known = taken(sha256, of: county) else { return }
    hub.facts.record(
      FactKind.receiptRefused,
      [
        "incident": .string(known.receipt.incident ?? ""), "county": .string(county), "reason": .string(String(reason.prefix(32))),
        "receiptSha256": .string(sha256),
      ])
    guard reason == "unit", let stream = known.receipt.fields["stream"]?.stringValue.flatMap({ StreamName($0) }),
      let unit = known.receipt.unit.flatMap({ AccessUnitID($0) })
    else { return }
    let again = state.withLockedValue { state in
      guard let one = state.cases[known.key], one.refusals < UpperDesk.mostRefusals else { return nil as PictureProbe?? }
      state.cases[known.key]?.refusals += 1
      state.cases[known.key]?.floors[stream] = (unit.epoch, unit.number &+ 1)
      state.cases[known.key]?.heard.decoded[stream] = nil
      return .some(state.cases[known.key]?.probes.removeValue(forKey: stream))
    }
    guard let again else { return }
    again?.cancel()
    startProbes(known.key)
  }

  /// Receipts of one incident that may be refused before no other picture is looked for.
  private static let mostRefusals = 16

  private func hear(_ opened: OpenedIncident, from county: String, arrival: BootTime) {
    let key = UpperDesk.key(county, opened.incident)
    let beacon = opened.beacon.flatMap { $0.boot == hub.clock.bootID && $0.isValid(by: identity.publicKey) ? $0 : nil }
    let isNew: Bool? = state.withLockedValue { state in
      if let known = state.cases[key] {
        // The same incident with another E1 is a county that changed its story: the first stands.
        return known.heard.opened.openedSHA256 == opened.openedSHA256 ? false : nil
      }
      var kept = opened
      kept.beacon = beacon
      let at = NodeInstant(node: hub.node, boot: hub.clock.bootID, time: arrival)
      state.cases[key] = Case(heard: Heard(county: county, opened: kept, at: at, heardAt: arrival, decoded: [:]))
      return true
    }
    guard let isNew else {
      return hub.facts.record(
        FactKind.receiptRefused,
        ["incident": .string(opened.incident), "county": .string(county), "reason": "opened"], at: arrival)
    }
    guard isNew else { return startProbes(key) }
    var kept = opened
    kept.beacon = beacon
    let fields: [String: JSON] = [
      "incident": .string(opened.incident), "county": .string(county), "nonce": .string(opened.nonce),
      "openedSha256": .string(opened.openedSHA256), "beaconNonce": beacon.map { .string($0.nonce) } ?? .null,
      "beaconNs": beacon.map { .int($0.nanoseconds) } ?? .null, "opened": .object(kept.fields),
    ]
    Task {
      do {
        _ = try await hub.facts.commit(FactKind.provinceHeard, fields, at: arrival)
        startProbes(key)
      } catch { logger.error("E1 not journaled", metadata: ["incident": "\(opened.incident)", "error": "\(error)"]) }
    }
  }

  private func close(_ key: String) {
    let probes = state.withLockedValue { state in
      defer { state.cases[key]?.probes = [:] }
      return state.cases[key].map { Array($0.probes.values) } ?? []
    }
    for probe in probes { probe.cancel() }
  }

  private func startProbes(_ key: String) {
    guard let one = state.withLockedValue({ $0.cases[key] }) else { return }
    let heard = one.heard
    for device in heard.opened.devices where one.probes[device.stream] == nil && heard.decoded[device.stream] == nil {
      guard let name = device.stream.prefixed(by: heard.county) else { continue }
      let condition = PictureProbe.Condition(
        receivedFrom: heard.heardAt ?? hub.clock.bootTime(),
        numberedFrom: one.floors[device.stream] ?? (epoch: device.epoch, number: device.number))
      let probe = PictureProbe.start(on: name, of: hub, loop: loop, decoder: decoder, condition: condition) { [weak self] sighting in
        self?.saw(sighting, key, device)
      }
      let superfluous = state.withLockedValue { state in
        guard state.cases[key]?.probes[device.stream] == nil else { return true }
        state.cases[key]?.probes[device.stream] = probe
        return false
      }
      if superfluous { probe.cancel() }
    }
  }

  private func saw(_ sighting: PictureProbe.Sighting, _ key: String, _ device: OpenedIncident.Device) {
    guard let heard = state.withLockedValue({ $0.cases[key]?.heard }) else { return }
    switch sighting {
    case .first(let unit, let picture, let decoded): first(unit, picture, decoded, key, heard, device)
    case .second(let unit, let picture, let decoded):
      hub.facts.record(
        FactKind.pictureSecond, sightingFields(unit, picture.vclSHA256, heard, device).merging(["decodedNs": .int(decoded.nanoseconds)]) { $1 },
        at: decoded)
    case .refused(let unit, let reason):
      hub.facts.record(
        FactKind.pictureRefused, sightingFields(unit, nil, heard, device).merging(["reason": .string(reason)]) { $1 }, at: unit.arrival)
    }
  }

  private func sightingFields(_ unit: AccessUnit, _ vcl: String?, _ heard: Heard, _ device: OpenedIncident.Device) -> [String: JSON] {
    [
      "incident": .string(heard.opened.incident), "county": .string(heard.county), "device": .string(device.device),
      "stream": .string(device.stream.path), "unit": .string(unit.id.description), "unitArrivalNs": .int(unit.firstArrival.nanoseconds),
      "vclSha256": vcl.map(JSON.string) ?? .null,
    ]
  }

  /// E7: journaled, then signed, then said.
  private func first(
    _ unit: AccessUnit, _ picture: DecodedPicture, _ decoded: BootTime, _ key: String, _ heard: Heard, _ device: OpenedIncident.Device
  ) {
    let fields = sightingFields(unit, picture.vclSHA256, heard, device).merging([
      "jpegSha256": .string(picture.jpegSHA256), "visible": .bool(picture.visible), "dark": .bool(picture.dark),
      "decodedNs": .int(decoded.nanoseconds), "width": .int(Int64(picture.width)), "height": .int(Int64(picture.height)),
    ]) { $1 }
    state.withLockedValue { $0.cases[key]?.heard.decoded[device.stream] = decoded }
    Task {
      do {
        try await storeSnapshot(picture, heard, device)
        _ = try await hub.facts.commit(FactKind.provinceDecoded, fields, at: decoded)
        let at = NodeInstant(node: hub.node, boot: hub.clock.bootID, time: decoded)
        let signed = try await issue(Receipts.document(of: fields, at: at, heard, province: hub.node), key)
        if let link = state.withLockedValue({ $0.links[heard.county]?.link }) { send(signed, on: link) }
      } catch { logger.error("no receipt", metadata: ["incident": "\(heard.opened.incident)", "error": "\(error)"]) }
    }
  }

  /// Signs a receipt and journals it; it is said until the county confirms it.
  func issue(_ receipt: ReceiptDocument, _ key: String) async throws -> SignedReceipt {
    let signed = SignedReceipt(receipt: receipt, signature: Hex.encode(try identity.sign(Array(receipt.text.utf8))))
    _ = try await hub.facts.commit(
      FactKind.receiptSent,
      [
        "incident": receipt.fields["incident"] ?? .null, "county": receipt.fields["county"] ?? .null, "receipt": .object(receipt.fields),
        "receiptSha256": .string(receipt.sha256), "signature": .string(signed.signature),
      ], at: nil)
    state.withLockedValue { $0.cases[key]?.unconfirmed.append(signed) }
    return signed
  }

  private func send(_ signed: SignedReceipt, on link: LinkChannel) {
    link.send(.receipt(text: signed.receipt.text, signature: signed.signature, pem: identity.publicKey.pem))
  }

  private func storeSnapshot(_ picture: DecodedPicture, _ heard: Heard, _ device: OpenedIncident.Device) async throws {
    let folder = "\(dataFolder)/snapshots"
    let index = heard.opened.devices.firstIndex(of: device) ?? 0
    let path = "\(folder)/\(heard.county)-\(heard.opened.incident)-\(index).jpg"
    let bytes = Array(picture.jpeg.readableBytesView)
    try await NIOThreadPool.singleton.runIfActive {
      try Disk.makeFolder(folder)
      try Disk.replace(path, with: bytes)
    }
  }
}
