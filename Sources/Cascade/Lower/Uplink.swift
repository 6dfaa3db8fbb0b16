public import Hub
public import Journal
public import Logging
public import Model
internal import NIOConcurrencyHelpers
public import NIOCore
internal import NIOPosix

/// One upper node, seen from below: dials it, keeps the control link, carries the chosen streams, says E1 and takes receipts.
public final class Uplink: Sendable, LinkDelegate {
  /// What the incident desk is told.
  public struct Events: Sendable {
    /// A receipt verified and stored; its `receipt.received` fact is durable.
    public var receiptStored: @Sendable (_ incident: String, _ receipt: ReceiptDocument) -> Void
    public init(receiptStored: @escaping @Sendable (_ incident: String, _ receipt: ReceiptDocument) -> Void) { self.receiptStored = receiptStored }
  }

  /// How the link stands, for API and page.
  public struct Status: Sendable {
    public var name: String
    public var up: Bool
    public var since: BootTime?
    public var peerNode: String?
    public var lastFault: Fault?
    public var roundTrip: Nanoseconds?
    public var offset: OffsetEstimator.Interval?
    public var streams: [StreamName]
    /// Whether an incident opened now would carry this upper node's beacon.
    public var hasBeacon: Bool
  }

  private struct Announced {
    var opened: OpenedIncident
    var at: BootTime
    var receipts = 0
    var streamsWithReceipt: Set<String> = []
  }

  private struct State {
    var link: LinkChannel?
    var since: BootTime?
    var peerNode: String?
    var lastFault: Fault?
    var failures = 0
    var beacon: (beacon: Beacon, arrival: BootTime)?
    var offset = OffsetEstimator()
    var lastOffsetFact: BootTime?
    var incidents: [String: Announced] = [:]
    var credentials: (user: String, secret: String)?
    var media: [StreamName: any UplinkMedia] = [:]
    var wanted: Set<StreamName> = []
    var stopped = false
  }

  public let settings: UplinkSettings
  private let hub: Hub
  private let identity: NodeIdentity
  private let dataFolder: String
  private let group: any EventLoopGroup
  private let loop: any EventLoop
  private let startMedia: UplinkMediaStarter
  private let events: Events
  private let logger: Logger
  private let sent = SentKeyframes()
  private let state = NIOLockedValueBox(State())

  public init(
    _ settings: UplinkSettings, hub: Hub, identity: NodeIdentity, dataFolder: String, group: any EventLoopGroup, logger: Logger,
    startMedia: @escaping UplinkMediaStarter, events: Events
  ) {
    self.settings = settings
    self.hub = hub
    self.identity = identity
    self.dataFolder = dataFolder
    self.group = group
    loop = group.next()
    self.startMedia = startMedia
    self.events = events
    self.logger = logger
  }

  // MARK: Control

  /// Begins to dial and to carry; returns at once.
  public func start() {
    hub.watch(self)
    dial()
    loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { [weak self] task in
      guard let self, !self.state.withLockedValue({ $0.stopped }) else { return task.cancel() }
      self.everySecond()
    }
  }

  public func stop() {
    let (link, media) = state.withLockedValue { state in
      state.stopped = true
      defer { state.media = [:] }
      return (state.link, Array(state.media.values))
    }
    for carrier in media { carrier.stop() }
    link?.close(Fault(.streamEnded, "shutting down"))
  }

  public func status(at now: BootTime) -> Status {
    state.withLockedValue { state in
      Status(
        name: settings.name, up: state.since != nil, since: state.since, peerNode: state.peerNode, lastFault: state.lastFault,
        roundTrip: state.offset.roundTrip, offset: state.offset.interval(at: now), streams: state.media.keys.sorted(),
        hasBeacon: state.beacon.map { now - $0.arrival <= .seconds(10) } ?? false)
    }
  }

  /// The newest beacon that came over this link, for E1 to embed; nil while there is none or it is older than ten seconds.
  public func newestBeacon(at now: BootTime) -> (beacon: Beacon, arrival: BootTime)? {
    state.withLockedValue { state in state.beacon.flatMap { now - $0.arrival <= .seconds(10) ? $0 : nil } }
  }

  /// Sends E1 up, now and again after each reconnect until the incident is closed.
  /// - Parameter at: c(E1).
  public func announce(_ opened: OpenedIncident, at: BootTime) {
    let link = state.withLockedValue { state in
      if state.incidents[opened.incident] == nil { state.incidents[opened.incident] = Announced(opened: opened, at: at) }
      return state.since == nil ? nil : state.link
    }
    link?.send(.opened(opened))
  }

  public func withdraw(_ incident: String) {
    let link = state.withLockedValue { state in
      state.incidents[incident] = nil
      return state.link
    }
    link?.send(.closed(incident: incident))
  }

  private func dial() {
    guard !state.withLockedValue({ $0.stopped }) else { return }
    guard !settings.peerFingerprint.isEmpty else {
      state.withLockedValue { $0.lastFault = Fault(.peerKeyMismatch, "\(settings.name): not paired") }
      return
    }
    let link = LinkChannel(
      role: .lower(expected: settings.peerFingerprint), identity: identity, node: hub.node, clock: hub.clock, delegate: self)
    state.withLockedValue { $0.link = link }
    ClientBootstrap(group: loop)
      .connectTimeout(.seconds(5))
      .channelOption(.socketOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(link) }
      }
      .connect(host: settings.controlHost, port: settings.controlPort)
      .whenFailure { [weak self] error in
        guard let self else { return }
        self.lost(link, Fault(.peerUnreachable, "\(self.settings.controlHost):\(self.settings.controlPort): \(error)"))
      }
  }

  private func lost(_ link: LinkChannel, _ reason: Fault) {
    let (wasUp, delay, stopped) = state.withLockedValue { state -> (Bool, Int64, Bool) in
      guard state.link === link else { return (false, 0, true) }
      let wasUp = state.since != nil
      state.link = nil
      state.since = nil
      state.beacon = nil
      state.offset = OffsetEstimator()
      state.lastFault = reason
      state.failures = wasUp ? 0 : min(state.failures + 1, 5)
      // 250 ms, 500 ms … 8 s, with jitter so that a province's restart is not met by all counties at once.
      let delay = (Int64(250) << Int64(state.failures)) * Int64.random(in: 80...120) / 100
      return (wasUp, delay, state.stopped)
    }
    if wasUp {
      logger.warning("control link lost", metadata: ["uplink": "\(settings.name)", "reason": "\(reason)"])
      hub.facts.record(
        FactKind.linkDown,
        [
          "uplink": .string(settings.name), "peer": .string(settings.peerFingerprint), "code": .string(reason.code.rawValue),
          "origin": .string(reason.origin.rawValue), "detail": .string(reason.detail),
        ])
    }
    guard !stopped else { return }
    loop.scheduleTask(in: .milliseconds(delay)) { [weak self] in self?.dial() }
  }

  private func everySecond() {
    let now = hub.clock.bootTime()
    let (link, fact) = state.withLockedValue { state -> (LinkChannel?, OffsetEstimator.Interval?) in
      guard state.since != nil else { return (nil, nil) }
      var fact: OffsetEstimator.Interval?
      if state.lastOffsetFact.map({ now - $0 >= .seconds(60) }) ?? true, let interval = state.offset.interval(at: now) {
        state.lastOffsetFact = now
        fact = interval
      }
      return (state.link, fact)
    }
    link?.send(.timeRequest(t1: hub.clock.bootTime().nanoseconds))
    if let fact {
      hub.facts.record(
        FactKind.offsetInterval,
        [
          "uplink": .string(settings.name), "peer": .string(settings.peerFingerprint), "lowNs": .int(fact.low), "highNs": .int(fact.high),
          "samples": .int(Int64(fact.samples)), "spanNs": .int(fact.span.value),
        ], at: now)
    }
    carryNewStreams()
  }

  // MARK: LinkDelegate

  func linkOpened(_ link: LinkChannel, peer: LinkHandshake.Party) {
    let now = hub.clock.bootTime()
    let incidents = state.withLockedValue { state in
      state.since = now
      state.peerNode = peer.node
      state.lastFault = nil
      state.failures = 0
      return state.incidents.values.map(\.opened)
    }
    logger.info("control link up", metadata: ["uplink": "\(settings.name)", "peer": "\(peer.node)"])
    hub.facts.record(FactKind.linkUp, ["uplink": .string(settings.name), "peer": .string(peer.key.fingerprint)], at: now)
    for opened in incidents { link.send(.opened(opened)) }
    link.send(.timeRequest(t1: hub.clock.bootTime().nanoseconds))
  }

  func linkReceived(_ message: LinkMessage, arrival: BootTime, on link: LinkChannel) {
    switch message {
    case .beacon(let beacon):
      guard let key = link.peer?.key, beacon.isValid(by: key) else { return }
      state.withLockedValue { $0.beacon = (beacon, arrival) }
    case .timeAnswer(let t1, let t2, let t3): takeTime(t1: t1, t2: t2, t3: t3, t4: arrival)
    case .mediaCredentials(let user, let secret):
      state.withLockedValue { $0.credentials = (user, secret) }
      restartMedia()
    case .receipt(let text, let signature, let pem): takeReceipt(text, signature: signature, pem: pem, arrival: arrival, on: link)
    case .timeRequest, .opened, .closed, .receiptStored, .unknown: break
    }
  }

  func linkClosed(_ link: LinkChannel, reason: Fault) { lost(link, reason) }

  private func takeTime(t1: Int64, t2: Int64, t3: Int64, t4: BootTime) {
    let agreed = state.withLockedValue { $0.offset.add(t1: BootTime(nanoseconds: t1), t2: t2, t3: t3, t4: t4) }
    if !agreed { hub.facts.record(FactKind.clockStep, ["uplink": .string(settings.name), "what": "offset"], at: t4) }
  }

  // MARK: Receipts

  private func takeReceipt(_ text: String, signature: String, pem: String, arrival: BootTime, on link: LinkChannel) {
    guard let key = link.peer?.key else { return }
    guard let receipt = ReceiptDocument(text: text), let incident = receipt.incident else { return refuse("", "malformed", nil) }
    let known = state.withLockedValue { $0.incidents[incident] }
    guard let known else { return refuse(incident, "nonce", receipt) }
    let entry = receipt.unit.flatMap { sent.entry(of: $0) }
    if let reason = receipt.refusal(
      signature: signature, by: key, county: hub.node, opened: known.opened, openedAt: known.at, sent: entry)
    {
      return refuse(incident, reason, receipt)
    }
    guard let entry, let unit = receipt.unit else { return }
    // A key unit that left in the moments between E1 and its announcement was not journaled then.
    journalSend(of: unit)
    guard let place = placeFor(receipt, incident) else { return link.send(.receiptStored(sha256: receipt.sha256)) }
    let files = ReceiptFiles(folder: dataFolder + "/receipts", incident: incident, place: place)
    let fields: [String: JSON] = [
      "incident": .string(incident), "uplink": .string(settings.name), "receipt": .object(receipt.fields),
      "receiptSha256": .string(receipt.sha256), "keySha256": .string(key.fingerprint), "verified": true, "file": .string(files.name),
      "sentNs": .int(entry.sent.nanoseconds),
    ]
    let facts = hub.facts
    let events = events
    let logger = logger
    let pem = key.pem
    Task {
      do {
        try await files.store(text: receipt.text, signature: signature, pem: pem)
        _ = try await facts.commit(FactKind.receiptReceived, fields, at: arrival)
        link.send(.receiptStored(sha256: receipt.sha256))
        events.receiptStored(incident, receipt)
      } catch { logger.error("receipt not stored", metadata: ["incident": "\(incident)", "error": "\(error)"]) }
    }
  }

  /// Which receipt of the incident this is, 1…; nil when that stream's is stored already.
  private func placeFor(_ receipt: ReceiptDocument, _ incident: String) -> Int? {
    let stream = receipt.fields["stream"]?.stringValue ?? ""
    return state.withLockedValue { state in
      guard state.incidents[incident]?.streamsWithReceipt.insert(stream).inserted == true else { return nil }
      state.incidents[incident]?.receipts += 1
      return state.incidents[incident]?.receipts
    }
  }

  private func refuse(_ incident: String, _ reason: String, _ receipt: ReceiptDocument?) {
    hub.facts.record(
      FactKind.receiptRefused,
      [
        "incident": .string(incident), "uplink": .string(settings.name), "reason": .string(reason),
        "receiptSha256": receipt.map { .string($0.sha256) } ?? .null,
      ])
  }

  // MARK: Media

  private func carry(_ stream: StreamName) {
    guard settings.carries(stream) else { return }
    let credentials = state.withLockedValue { state -> (user: String, secret: String)? in
      guard !state.stopped, state.wanted.insert(stream).inserted || state.media[stream] == nil else { return nil }
      return state.credentials
    }
    guard let credentials else { return }
    let carrier = startMedia(request(stream, credentials))
    let superfluous = state.withLockedValue { state -> (any UplinkMedia)? in
      if state.stopped || state.media[stream] != nil { return carrier }
      state.media[stream] = carrier
      return nil
    }
    superfluous?.stop()
  }

  private func request(_ stream: StreamName, _ credentials: (user: String, secret: String)) -> UplinkMediaRequest {
    UplinkMediaRequest(
      stream: stream, url: "\(settings.media)/\(hub.node)/\(stream.path)", user: credentials.user, secret: credentials.secret
    ) { [weak self] unit, firstArrival, now in self?.leaves(unit, stream, firstArrival, now) }
  }

  /// E6, called on the media's way out: nothing here waits.
  private func leaves(_ unit: AccessUnitID, _ stream: StreamName, _ firstArrival: BootTime, _ now: BootTime) {
    guard sent.note(unit, stream: stream, firstArrival: firstArrival, sent: now) else { return }
    let matters = state.withLockedValue { state in
      state.incidents.values.contains { incident in
        incident.opened.devices.contains { $0.stream == stream } && !incident.streamsWithReceipt.contains(stream.path)
      }
    }
    if matters { journalSend(of: unit.description) }
  }

  private func journalSend(of unit: String) {
    guard let entry = sent.claimJournaling(of: unit) else { return }
    hub.facts.record(
      FactKind.keyframeSent,
      [
        "uplink": .string(settings.name), "stream": .string(entry.stream.path), "unit": .string(unit),
        "unitArrivalNs": .int(entry.firstArrival.nanoseconds),
      ], at: entry.sent)
  }

  private func carryNewStreams() {
    let missing = state.withLockedValue { state in state.credentials == nil ? [] : state.wanted.filter { state.media[$0] == nil } }
    for stream in missing { carry(stream) }
  }

  /// New credentials: the upper node restarted. Carriers with the old ones would be refused.
  private func restartMedia() {
    let old = state.withLockedValue { state in
      defer { state.media = [:] }
      return Array(state.media.values)
    }
    for carrier in old { carrier.stop() }
    carryNewStreams()
  }
}

extension Uplink: HubWatcher {
  public func streamAdmitted(_ description: StreamDescription) {
    guard description.origin.node == hub.node || settings.carries(description.name) else { return }
    // A lambda on the uplink's own loop: the stream's loop goes on at once.
    let name = description.name
    loop.execute { [weak self] in self?.carry(name) }
  }
}
