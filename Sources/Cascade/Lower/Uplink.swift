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

  struct Announced {
    var opened: OpenedIncident
    /// c(E1), perhaps of an earlier boot.
    var at: NodeInstant
    /// Closed at this node: a receipt that was on its way is still taken.
    var isWithdrawn = false
  }

  /// What came for an incident so far, in this run or before it.
  struct Answered {
    var receipts = 0
    var streams: Set<String> = []
    var sha256: Set<String> = []
  }

  struct State {
    var link: LinkChannel?
    var since: BootTime?
    var peerNode: String?
    var lastFault: Fault?
    var failures = 0
    var beacon: (beacon: Beacon, arrival: BootTime)?
    var offset = OffsetEstimator()
    var lastOffsetFact: BootTime?
    /// The boot of the node that ``offset`` is to; kept over a lost link, which changes no clock.
    var offsetBoot: String?
    /// t1 of exchanges that were not answered yet.
    var asked: [Int64] = []
    var incidents: [String: Announced] = [:]
    var withdrawn: [String] = []
    var answered: [String: Answered] = [:]
    var credentials: (user: String, secret: String)?
    var media: [StreamName: any UplinkMedia] = [:]
    var wanted: Set<StreamName> = []
    var stopped = false
  }

  public let settings: UplinkSettings
  let hub: Hub
  private let identity: NodeIdentity
  let dataFolder: String
  private let group: any EventLoopGroup
  private let loop: any EventLoop
  private let startMedia: UplinkMediaStarter
  let events: Events
  let logger: Logger
  let sent: SentKeyframes
  let state = NIOLockedValueBox(State())

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
    sent = SentKeyframes(boot: hub.clock.bootID)
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

  /// Where the upper node's boot clock lies against ours: `{peerBoot, lowNs, highNs}`; nil while no exchange told.
  public func offset(at now: BootTime) -> [String: JSON]? {
    state.withLockedValue { state in
      guard let boot = state.offsetBoot, let interval = state.offset.interval(at: now) else { return nil }
      return ["peerBoot": .string(boot), "lowNs": .int(interval.low), "highNs": .int(interval.high)]
    }
  }

  /// Sends E1 up, now and again after each reconnect until the incident is closed.
  /// - Parameter at: c(E1), on the clock of the boot in which it was logged.
  public func announce(_ opened: OpenedIncident, at: NodeInstant) {
    let link = state.withLockedValue { state in
      if state.incidents[opened.incident] == nil { state.incidents[opened.incident] = Announced(opened: opened, at: at) }
      return state.since == nil ? nil : state.link
    }
    if let link { say(opened, on: link) }
    // Key frames that left between E1 and this moment: whichever the upper node decodes, its E6 must be on our disk.
    let from = at.boot == hub.clock.bootID ? at.time : BootTime(nanoseconds: 0)
    for unit in sent.unjournaled(of: Set(opened.devices.map(\.stream)), arrivedFrom: from) { journalSend(of: unit) }
  }

  private func say(_ opened: OpenedIncident, on link: LinkChannel) {
    link.send(.opened(opened))
    hub.facts.record(
      FactKind.incidentAnnounced,
      [
        "incident": .string(opened.incident), "uplink": .string(settings.name),
        "peerBoot": link.peer.map { .string($0.boot) } ?? .null,
      ])
  }

  /// The incident is closed here: no more pictures are wanted, and of receipts only those that are on their way.
  public func withdraw(_ incident: String) {
    let link = state.withLockedValue { state in
      guard state.incidents[incident]?.isWithdrawn == false else { return nil as LinkChannel? }
      state.incidents[incident]?.isWithdrawn = true
      state.withdrawn.append(incident)
      if state.withdrawn.count > 256 { state.incidents[state.withdrawn.removeFirst()] = nil }
      return state.since == nil ? nil : state.link
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
      state.asked = []
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
    let (link, fact, boot) = state.withLockedValue { state -> (LinkChannel?, OffsetEstimator.Interval?, String?) in
      guard state.since != nil else { return (nil, nil, nil) }
      var fact: OffsetEstimator.Interval?
      if state.lastOffsetFact.map({ now - $0 >= .seconds(60) }) ?? true, let interval = state.offset.interval(at: now) {
        state.lastOffsetFact = now
        fact = interval
      }
      return (state.link, fact, state.offsetBoot)
    }
    if let link { askTime(link) }
    if let fact {
      hub.facts.record(
        FactKind.offsetInterval,
        [
          "uplink": .string(settings.name), "peer": .string(settings.peerFingerprint),
          "peerBoot": boot.map(JSON.string) ?? .null, "lowNs": .int(fact.low), "highNs": .int(fact.high),
          "samples": .int(Int64(fact.samples)), "spanNs": .int(fact.span.value),
        ], at: now)
    }
    carryNewStreams()
  }

  /// t1 is remembered, so that no answer to a question that was never asked moves the bounds.
  private func askTime(_ link: LinkChannel) {
    let now = hub.clock.bootTime().nanoseconds
    let heard = state.withLockedValue { state in
      state.asked.append(now)
      if state.asked.count > 16 { state.asked.removeFirst() }
      return state.beacon.map { HeardBeacon(sentNs: $0.beacon.nanoseconds, heardNs: $0.arrival.nanoseconds) }
    }
    link.send(.timeRequest(t1: now, heard: heard))
  }

  // MARK: LinkDelegate

  func linkOpened(_ link: LinkChannel, peer: LinkHandshake.Party) {
    let now = hub.clock.bootTime()
    let (incidents, closed) = state.withLockedValue { state in
      state.since = now
      state.peerNode = peer.node
      state.lastFault = nil
      state.failures = 0
      state.lastOffsetFact = nil
      if state.offsetBoot != peer.boot {
        state.offset = OffsetEstimator()
        state.offsetBoot = peer.boot
      }
      return (state.incidents.values.filter { !$0.isWithdrawn }.map(\.opened), state.withdrawn)
    }
    logger.info("control link up", metadata: ["uplink": "\(settings.name)", "peer": "\(peer.node)"])
    hub.facts.record(FactKind.linkUp, ["uplink": .string(settings.name), "peer": .string(peer.key.fingerprint)], at: now)
    for opened in incidents { say(opened, on: link) }
    // It may not have heard that they were closed.
    for incident in closed { link.send(.closed(incident: incident)) }
    askTime(link)
  }

  func linkReceived(_ message: LinkMessage, arrival: BootTime, on link: LinkChannel) {
    switch message {
    case .beacon(let beacon):
      guard let key = link.peer?.key, beacon.isValid(by: key) else { return }
      state.withLockedValue { $0.beacon = (beacon, arrival) }
    case .timeAnswer(let t1, let t2, let t3): takeTime(t1: t1, t2: t2, t3: t3, t4: arrival)
    case .mediaCredentials(let user, let secret):
      let isNew = state.withLockedValue { state in
        defer { state.credentials = (user, secret) }
        return state.credentials.map { $0 != (user, secret) } ?? true
      }
      // The same again: only the control link had been lost, and what flows beside it goes on.
      if isNew { restartMedia() } else { carryNewStreams() }
    case .receipt(let text, let signature, let pem): takeReceipt(text, signature: signature, pem: pem, arrival: arrival, on: link)
    case .timeRequest, .opened, .closed, .receiptStored, .receiptRefused, .unknown: break
    }
  }

  func linkClosed(_ link: LinkChannel, reason: Fault) { lost(link, reason) }

  private func takeTime(t1: Int64, t2: Int64, t3: Int64, t4: BootTime) {
    let outcome = state.withLockedValue { state -> OffsetEstimator.Outcome in
      guard let index = state.asked.firstIndex(of: t1) else { return .agreed }
      state.asked.removeSubrange(...index)
      let outcome = state.offset.add(t1: BootTime(nanoseconds: t1), t2: t2, t3: t3, t4: t4)
      if outcome != .agreed { state.lastOffsetFact = nil }
      return outcome
    }
    guard case .stepped(let low, let high) = outcome else { return }
    hub.facts.record(
      FactKind.clockStep,
      [
        "what": "offset", "uplink": .string(settings.name), "stepLowNs": low.map(JSON.int) ?? .null,
        "stepHighNs": high.map(JSON.int) ?? .null,
      ], at: t4)
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
        !incident.isWithdrawn && incident.opened.devices.contains { $0.stream == stream }
          && state.answered[incident.opened.incident]?.streams.contains(stream.path) != true
      }
    }
    if matters { journalSend(of: unit.description) }
  }

  func journalSend(of unit: String) {
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
