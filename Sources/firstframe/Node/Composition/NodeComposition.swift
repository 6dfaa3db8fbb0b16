internal import Access
internal import Archive
internal import Cascade
internal import Command
internal import Gateway
internal import Hub
internal import Journal
internal import Logging
internal import Measure
internal import Model
internal import NIOPosix
internal import RTMPGateway
internal import RTSPGateway
internal import Transport
internal import Web
internal import Workers

/// The composition root of `serve`: which parts a node has, and what each is given of the others.
struct NodeComposition {
  /// What is kept on disk, and what holds it.
  private struct Storage {
    let keys: KeyRing
    let identity: NodeIdentity
    let journal: Journal
    /// The journal, behind the count of what strangers are refused: what everything that strangers reach writes to.
    let facts: RefusalCounter
    let index: Projection
    let peers: PeerStore
  }

  /// Streams, and what listens to all of them.
  private struct Streams {
    let hub: Hub
    let archive: Archive?
    let samples: SampleWriter?
    let workers: DecodePool
  }

  /// What knows incidents, receipts and the other centres.
  private struct Centre {
    let upper: UpperDesk
    let gateways: GatewayEnvironment
    let rtsp: RTSPContext
    let policy: LimitedPolicy
    let uplinks: [Uplink]
    let desk: IncidentDesk
    let connections: ConnectionDesk
    let rates: RateDesk
  }

  private let settings: NodeSettings
  private let rules: NodeRules
  private let launcher: any WorkerLauncher
  private let ending: NodeEnding
  private let logger: Logger
  private let clock = SystemClock()
  /// Admits the connections of every port.
  private let connections: ConnectionGuard
  private(set) var parts: PartStack

  /// - Parameters:
  ///   - launcher: starts the processes that decode.
  ///   - ending: asked for the reason when the journal is closed.
  init(_ settings: NodeSettings, _ rules: NodeRules, launcher: any WorkerLauncher, ending: NodeEnding, logger: Logger) {
    self.settings = settings
    self.rules = rules
    connections = ConnectionGuard(settings.limits.connections)
    self.launcher = launcher
    parts = PartStack(ending: ending, logger: logger)
    self.ending = ending
    self.logger = logger
  }

  /// Starts every part. When it throws, ``parts`` holds those that must be stopped.
  mutating func start() async throws -> NodePorts {
    let storage = try await startStorage()
    let loops = try await parts.start(LoopsPart(count: settings.mediaLoops))
    let streams = try await startStreams(storage, loops)
    let centre = try makeCentre(storage, loops, streams)
    // Uplinks first: what is announced when the desk recovers must find what they sent before.
    let consumers: [any FactConsumer] = centre.uplinks + centre.desk.consumers + [centre.connections, centre.upper]
    _ = try await parts.start(
      FeedPart(journal: storage.journal, index: storage.index, consumers: consumers, clock: clock, logger: logger))
    let ports = try await openPorts(storage, loops, streams, centre)
    _ = try await parts.start(PullsPart(sources: settings.pulls, context: centre.rtsp))
    try await parts.start(UplinksPart(uplinks: centre.uplinks))
    try await startTimers(storage, loops, streams, centre)
    return ports
  }

  /// Stops the parts that were started, the newest first.
  mutating func undo() async { await parts.undo() }

  private mutating func startStorage() async throws -> Storage {
    let (settings, folder, clock) = (settings, settings.dataFolder, clock)
    let keys = try await blocking { try KeyRing(settings.access, bind: settings.bind, dataFolder: folder, clock: clock) }
    let opened = try await parts.start(
      JournalPart(dataFolder: folder, node: settings.name, role: settings.role, clock: clock, ending: ending, logger: logger))
    let index = try await parts.start(IndexPart(journal: opened.journal, logger: logger))
    let facts = try await parts.start(RefusalsPart(facts: opened.facts, clock: clock))
    let peers = try await blocking { try PeerStore(dataFolder: folder) }
    return Storage(keys: keys, identity: opened.identity, journal: opened.journal, facts: facts, index: index, peers: peers)
  }

  private mutating func startStreams(_ storage: Storage, _ loops: LoopsPart.Loops) async throws -> Streams {
    let journal = storage.journal
    ConnectionDesk.embed(
      rules.connection, sha256: RuleFiles.sha256(rules.connection.body.text), settings.devices.map { ($0, $0.town) }, into: journal)
    let hub = Hub(node: settings.name, settings: settings.hub, clock: clock, facts: storage.facts, logger: logger)
    // With the wall clock set back since the last run, publications must still be newer than those before.
    let streamKinds = [FactKind.streamStarted, FactKind.streamResumed]
    hub.resumeEpochs(from: try await storage.index.facts(FactQuery(kinds: streamKinds, limit: 1, newestFirst: true)))
    var archive: Archive?
    if settings.archive.enabled {
      archive = try await parts.start(
        ArchivePart(
          settings: settings.archive, dataFolder: settings.dataFolder, identity: storage.identity, hub: hub, loops: loops.media, logger: logger))
    }
    var samples: SampleWriter?
    if settings.measuring.enabled, settings.measuring.samples {
      samples = try await parts.start(SamplesPart(dataFolder: settings.dataFolder, facts: journal, clock: clock, logger: logger))
    }
    let workers = try await parts.start(WorkersPart(settings: settings.workers, launcher: launcher, logger: logger))
    if settings.measuring.enabled, settings.measuring.probes {
      hub.watch(ContentProbes(hub: hub, decoder: workers, loops: loops.media, settings: settings.measuring.content))
    }
    return Streams(hub: hub, archive: archive, samples: samples, workers: workers)
  }

  /// Makes what needs no undo: nothing here runs before it is started as a part.
  private func makeCentre(_ storage: Storage, _ loops: LoopsPart.Loops, _ streams: Streams) throws -> Centre {
    let (hub, folder) = (streams.hub, settings.dataFolder)
    let upper = UpperDesk(
      hub: hub, identity: storage.identity, peers: storage.peers, dataFolder: folder, group: loops.control, decoder: streams.workers,
      connections: connections, isLocal: { [local = LocalNames(settings) { storage.keys.keys }] in local.contains($0) }, logger: logger)
    let policy = LimitedPolicy(storage.keys.policy, clock: clock)
    let gateways = GatewayEnvironment(
      hub: hub, authority: MediaGuard(policy: policy, lowerNodes: LowerNodeRule(upper)), measuring: measuring(storage, streams, upper),
      loops: loops.media, connections: connections, logger: logger)
    let rtsp = RTSPContext(settings.rtsp, gateways)
    let uplinks = settings.uplinks.map { uplink in
      Uplink(
        uplink.paired(by: storage.peers), hub: hub, identity: storage.identity, dataFolder: folder, group: loops.control, logger: logger,
        startMedia: { [logger] request in UplinkCarrier(request, context: rtsp, logger: logger) },
        events: Uplink.Events { [logger] incident, _ in logger.info("receipt stored", metadata: ["incident": "\(incident)"]) })
    }
    let history = FactHistory(storage.index, of: storage.journal)
    let desks = DeskEnvironment(
      hub: hub, loop: loops.media.next(), decoder: streams.workers, register: DeviceRegister(settings.devices), dataFolder: folder,
      history: history, logger: logger)
    return Centre(
      upper: upper, gateways: gateways, rtsp: rtsp, policy: policy, uplinks: uplinks,
      desk: IncidentDesk(desks, policy: rules.response, upper: UpperTier(uplinks, clock: clock)),
      connections: ConnectionDesk(desks, policy: rules.connection), rates: RateDesk(history) { [journal = storage.journal] in journal.last.sequence })
  }

  private func measuring(_ storage: Storage, _ streams: Streams, _ upper: UpperDesk) -> SessionMeasuring {
    let judge = QualityJudge(field: rules.field, fixed: rules.fixed, facts: storage.journal) { [settings] in settings.deviceClass(of: $0) }
    return SessionMeasuring(
      isOn: settings.measuring.enabled, samples: streams.samples, windowClosed: { judge.closed($0) },
      senderClock: { [clock] stream in
        // A lower node's streams are named after it.
        guard let node = stream.path.split(separator: "/").first else { return nil }
        return upper.clocks.distance(of: String(node), at: clock.bootTime()).map { ClockDistance(low: $0.low, high: $0.high) }
      })
  }

  /// Everything that listens. All ports are bound when it returns.
  private mutating func openPorts(
    _ storage: Storage, _ loops: LoopsPart.Loops, _ streams: Streams, _ centre: Centre
  ) async throws -> NodePorts {
    let rtsp = try await parts.start(GatewayPart("RTSP") { () throws(Fault) in try RTSPServer.start(centre.rtsp) })
    let rtmp = try await parts.start(
      GatewayPart("RTMP") { [settings] () throws(Fault) in try RTMPServer.start(settings.rtmp, centre.gateways) })
    let control = try await parts.start(ControlPart(settings: settings.control, upper: centre.upper))
    let web = try await parts.start(
      WebPart(settings: settings.web, environment: web(storage, streams, centre), group: loops.control))
    return NodePorts(rtsp: Int(rtsp.port), rtmp: Int(rtmp.port), http: web.port, control: control)
  }

  private func web(_ storage: Storage, _ streams: Streams, _ centre: Centre) -> WebEnvironment {
    var environment = WebEnvironment(
      node: WebNode(
        name: settings.name, role: settings.role.rawValue, version: FirstFrame.version, dataFolder: settings.dataFolder, clock: clock,
        devices: settings.devices),
      authority: WebGuard(policy: centre.policy, facts: storage.facts, log: (centre.gateways.refusals, clock)), streams: streams.hub,
      incidents: centre.desk,
      connections: centre.connections, facts: storage.journal, archive: ArchiveViews(archive: streams.archive),
      links: LinkViews(uplinks: centre.uplinks, upper: centre.upper, clock: clock),
      rates: RateViews(desk: centre.rates),
      inspections: InspectionViews(dataFolder: settings.dataFolder), logger: logger)
    environment.admission = connections
    environment.ownHosts = settings.access.mode == .open ? settings.web.hosts : nil
    environment.health = HealthViews(
      dataFolder: settings.dataFolder, journal: storage.journal, archive: streams.archive, reservePermille: settings.archive.reservePermille)
    return environment
  }

  private mutating func startTimers(_ storage: Storage, _ loops: LoopsPart.Loops, _ streams: Streams, _ centre: Centre) async throws {
    let loop = loops.control.next()
    let watch = ClockWatch(clock: clock, facts: storage.journal)
    // The reading that the first second's steps are seen against.
    watch.tick()
    _ = try await parts.start(EverySecondPart("clock watch", on: loop) { watch.tick() })
    _ = try await parts.start(EverySecondPart("refusals", on: loop) { storage.facts.tick() })
    _ = try await parts.start(EverySecondPart("streams", on: loop) { streams.hub.tick() })
    _ = try await parts.start(
      EverySecondPart("rates", on: loop) { [rates = centre.rates] in Task { try? await rates.follow() } })
    _ = try await parts.start(
      EverySecondPart("keys", on: loop) { Task { try? await blocking { storage.keys.reload() } } })
  }
}
