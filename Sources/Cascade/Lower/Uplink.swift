public import Hub
public import Journal
public import Logging
public import Model
internal import NIOConcurrencyHelpers
public import NIOCore

/// One upper node, seen from below: keeps the control link to it, carries the chosen streams, announces E1 and stores the receipts that come back.
///
/// Its parts: ``UplinkDialler`` the link, ``ClockExchange`` the distance of the two clocks, ``Announcements`` the incidents, ``UplinkCarriers`` the media,
/// ``KeyframeJournal`` E6, ``ReceiptIntake`` the receipts.
public final class Uplink: Sendable {
  /// Who is called with what came over it.
  public struct Events: Sendable {
    /// A receipt verified and stored; its `receipt.received` fact is durable.
    public var receiptStored: @Sendable (_ incident: String, _ receipt: ReceiptDocument) -> Void
    public init(receiptStored: @escaping @Sendable (_ incident: String, _ receipt: ReceiptDocument) -> Void) { self.receiptStored = receiptStored }
  }

  /// How the link stands, for API and page.
  public struct Status: Sendable {
    /// As configured.
    public var name: String
    /// Whether the control link stands.
    public var up: Bool
    /// When both ends had proven who they are.
    public var since: BootTime?
    /// The upper node's name of the link that stands, or stood last.
    public var peerNode: String?
    /// Why the last link was lost, or none comes about; nil while one stands.
    public var lastFault: Fault?
    /// The newest, without the upper node's own time.
    public var roundTrip: Nanoseconds?
    /// Upper node's boot clock − ours; nil while no exchange bounds it.
    public var offset: OffsetEstimator.Interval?
    /// Streams that are on their way up.
    public var streams: [StreamName]
    /// Whether an incident opened now would carry this upper node's beacon.
    public var hasBeacon: Bool
  }

  /// As configured.
  public let settings: UplinkSettings
  private let hub: Hub
  private let loop: any EventLoop
  private let incidents = SharedIncidents(UplinkIncidents())
  private let clocks = NIOLockedValueBox(ClockExchange())
  private let isStopped = NIOLockedValueBox(false)
  private let dialler: UplinkDialler
  private let carriers: UplinkCarriers
  private let keyframes: KeyframeJournal
  private let receipts: ReceiptIntake

  /// - Parameter group: where the control link and its timers live; off the media loops.
  public init(
    _ settings: UplinkSettings, hub: Hub, identity: NodeIdentity, dataFolder: String, group: any EventLoopGroup, logger: Logger,
    startMedia: @escaping UplinkMediaStarter, events: Events
  ) {
    self.settings = settings
    self.hub = hub
    loop = group.next()
    keyframes = KeyframeJournal(uplink: settings.name, boot: hub.clock.bootID, facts: hub.facts, incidents: incidents)
    carriers = UplinkCarriers(settings, node: hub.node, startMedia: startMedia, keyframes: keyframes)
    dialler = UplinkDialler(
      settings, identity: identity, node: hub.node, clock: hub.clock, facts: hub.facts, loop: loop, logger: logger)
    receipts = ReceiptIntake(
      uplink: settings.name, node: hub.node, clock: hub.clock, facts: hub.facts, dataFolder: dataFolder, incidents: incidents,
      keyframes: keyframes, stored: events.receiptStored, logger: logger)
  }

  // MARK: Control

  /// Begins to dial and to carry; returns at once.
  public func start() {
    hub.watch(self)
    dialler.start(self)
    loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { [weak self] task in
      guard let self, !self.isStopped.withLockedValue({ $0 }) else { return task.cancel() }
      self.everySecond()
    }
  }

  /// Closes the link and ends the media.
  public func stop() {
    isStopped.withLockedValue { $0 = true }
    carriers.stop()
    dialler.stop()
  }

  /// For API and page.
  public func status(at now: BootTime) -> Status {
    let standing = dialler.standing
    let (roundTrip, offset, beacon) = clocks.withLockedValue { ($0.roundTrip, $0.interval(at: now), $0.newestBeacon(at: now)) }
    return Status(
      name: settings.name, up: standing.since != nil, since: standing.since, peerNode: standing.peerNode, lastFault: standing.lastFault,
      roundTrip: roundTrip, offset: offset, streams: carriers.streams, hasBeacon: beacon != nil)
  }

  private func everySecond() {
    if let link = dialler.link {
      askTime(link)
      recordOffset()
    }
    carriers.carryWanted()
  }

  // MARK: Clocks

  /// The newest beacon that came over this link, for E1 to embed; nil while there is none or it is older than ten seconds.
  public func newestBeacon(at now: BootTime) -> (beacon: Beacon, arrival: BootTime)? { clocks.withLockedValue { $0.newestBeacon(at: now) } }

  /// Where the upper node's boot clock lies against ours; nil while no exchange bounds it.
  public func offset(at now: BootTime) -> PeerOffset? { clocks.withLockedValue { $0.peerOffset(at: now) } }

  private func askTime(_ link: LinkChannel) {
    let now = hub.clock.bootTime()
    link.send(clocks.withLockedValue { $0.ask(at: now) })
  }

  private func recordOffset() {
    let now = hub.clock.bootTime()
    guard let due = clocks.withLockedValue({ $0.due(at: now) }) else { return }
    hub.facts.record(
      OffsetIntervalFact(
        uplink: settings.name, peer: settings.peerFingerprint, peerBoot: due.peerBoot, low: due.interval.low, high: due.interval.high,
        samples: Int64(due.interval.samples), span: due.interval.span), at: now)
  }

  private func timeAnswered(t1: Int64, t2: Int64, t3: Int64, at arrival: BootTime) {
    let outcome = clocks.withLockedValue { $0.answered(t1: t1, t2: t2, t3: t3, at: arrival) }
    guard case .stepped(let low, let high)? = outcome else { return }
    hub.facts.record(ClockStepFact(.offset(.uplink(settings.name), low: low, high: high)), at: arrival)
  }

  // MARK: Incidents

  /// Announces E1, now and again after each reconnect until the incident is closed.
  /// - Parameter at: c(E1), on the clock of the boot in which it was logged.
  public func announce(_ opened: OpenedIncident, at: NodeInstant) {
    incidents.withLockedValue { $0.announcements.add(opened, at: at) }
    if let link = dialler.link { send(opened, on: link) }
    // Key frames that left between E1 and this moment: whichever the upper node decodes, its E6 must be on our disk.
    let from = at.boot == hub.clock.bootID ? at.time : BootTime(nanoseconds: 0)
    keyframes.recordUnits(of: Set(opened.devices.map(\.stream)), arrivedFrom: from)
  }

  private func send(_ opened: OpenedIncident, on link: LinkChannel) {
    link.send(.opened(opened))
    hub.facts.record(IncidentAnnouncedFact(incident: opened.incident, uplink: settings.name, peerBoot: link.peer?.boot))
  }

  /// The incident is closed here: no more pictures are wanted, and of receipts only those that are on their way.
  public func withdraw(_ incident: String) {
    guard incidents.withLockedValue({ $0.announcements.withdraw(incident) }) else { return }
    dialler.link?.send(.closed(incident: incident))
  }
}

extension Uplink: UplinkDelegate {
  func uplinkOpened(_ link: LinkChannel, peer: LinkHandshake.Party) {
    clocks.withLockedValue { $0.linked(to: peer.boot) }
    let (open, closed) = incidents.withLockedValue { ($0.announcements.open, $0.announcements.closed) }
    for opened in open { send(opened, on: link) }
    // The upper node may not know that they were closed.
    for incident in closed { link.send(.closed(incident: incident)) }
    askTime(link)
  }

  func uplinkLost() { clocks.withLockedValue { $0.lost() } }

  func uplinkReceived(_ message: LinkMessage, arrival: BootTime, on link: LinkChannel) {
    switch message {
    case .beacon(let beacon):
      guard let key = link.peer?.key, beacon.isValid(by: key) else { return }
      clocks.withLockedValue { $0.received(beacon, at: arrival) }
    case .timeAnswer(let t1, let t2, let t3): timeAnswered(t1: t1, t2: t2, t3: t3, at: arrival)
    case .mediaCredentials(let user, let secret): carriers.use(UplinkCarriers.Credentials(user: user, secret: secret))
    case .receipt(let text, let signature, _):
      receipts.receive(ReceiptIntake.Arrival(text: text, signature: signature, at: arrival, offset: offset(at: arrival)), on: link)
    case .timeRequest, .opened, .closed, .receiptStored, .receiptRefused, .unknown: break
    }
  }
}

extension Uplink: FactConsumer {
  /// What it sent and what came back, from before this start.
  public var kinds: Set<String> { [FactKind.keyframeSent, FactKind.receiptReceived] }

  /// Which key frames left over this uplink before a restart, and which receipts are on the disk. Before ``start()``.
  public func recover(_ past: FactHistory) async throws(Fault) {
    // A receipt comes for one of the newest; more are not kept either.
    let newest = try await past.page(FactQuery(kinds: [FactKind.keyframeSent], limit: SentKeyframes.usualLimit, newestFirst: true))
    for fact in newest.reversed() where fact.uplink == settings.name {
      guard let unit = KeyframeSentFact(fact), let stream = unit.stream?.value, let arrival = unit.unitArrival else { continue }
      keyframes.sent.recover(
        unit.unit.text, SentKeyframes.Entry(stream: stream, firstArrival: arrival, sent: fact.bootTime, boot: fact.boot, journaled: true))
    }
    try await past.each(FactQuery(kinds: [FactKind.receiptReceived], limit: FactQuery.largestPage)) { fact throws(Fault) in
      guard fact.uplink == settings.name, let receipt = ReceiptReceivedFact(fact) else { return }
      incidents.withLockedValue { $0.receipts.recover(receipt) }
    }
  }
}

extension Uplink: HubWatcher {
  /// Carries the stream if the uplink is to have it.
  public func streamAdmitted(_ description: StreamDescription) {
    guard description.origin.node == hub.node || settings.carries(description.name) else { return }
    // On the uplink's own loop: the stream's loop goes on at once.
    let name = description.name
    loop.execute { [weak self] in self?.carriers.carry(name) }
  }
}
