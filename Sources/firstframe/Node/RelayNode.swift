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
internal import NIOCore
internal import NIOPosix
internal import Pipelines
internal import RTMPGateway
internal import RTSPGateway
internal import Report
internal import Transport
internal import Web
internal import Workers

/// The composition root of `serve`: makes every room, joins them, and takes them down in the reverse order.
final class RelayNode {
  private let settings: NodeSettings
  private let folder: String
  private let logger: Logger
  private let clock = SystemClock()
  /// Streams, their publishers and their readers live here.
  private let media: MediaLoops
  /// Control links, HTTP and timers stay off the media loops.
  private let controlGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let journal: Journal
  private let projection: Projection
  private let samples: SampleWriter?
  private let archive: Archive?
  private let hub: Hub
  private let workers: DecodePool
  private let rtsp: GatewayListener
  private let rtmp: GatewayListener
  private let pullers: [RTSPPuller]
  private let upper: UpperDesk
  private let uplinks: [Uplink]
  private let desk: IncidentDesk
  private let connections: ConnectionDesk
  private let web: Task<Void, any Error>
  private let feed: Task<Void, Never>
  private let timer: RepeatedTask
  let ports: (rtsp: Int, rtmp: Int, http: Int, control: Int)

  /// Starts a node; every port is bound when this returns.
  /// - Parameter configuration: the file that `settings` came from, beside which profiles and policies may lie.
  static func start(_ settings: NodeSettings, configuration: String? = nil, folder: String, logger: Logger) async throws -> RelayNode {
    try await RelayNode(settings, rules: RuleFiles.locate(beside: configuration), folder: folder, logger: logger)
  }

  private init(_ settings: NodeSettings, rules: RuleFiles, folder: String, logger: Logger) async throws {
    self.settings = settings
    self.folder = folder
    self.logger = logger
    media = try MediaLoops(count: settings.mediaLoops)
    let policy = try rules.policy(settings.measuring.policy)
    let connectionPolicy = try rules.policy(settings.measuring.connectionPolicy)
    guard connectionPolicy.kind == .connection else {
      throw Fault(.configInvalid, "measure.connectionPolicy: \(connectionPolicy.id) is of another kind")
    }
    let library = try PipelineLibrary.locate()
    let clock = self.clock
    let pool = NIOThreadPool.singleton
    let guardian = try await pool.runIfActive { try NodeGuard(settings.access, bind: settings.bind, folder: folder, clock: clock) }
    let (identity, journal) = try await pool.runIfActive {
      let identity = try NodeIdentity.load(dataFolder: folder)
      let journal = try Journal.open(
        dataFolder: folder, node: settings.name, identity: identity, version: FirstFrame.version,
        started: ["role": .string(settings.role.rawValue)], clock: clock, logger: logger)
      return (identity, journal)
    }
    self.journal = journal
    projection = try await pool.runIfActive { try Projection(following: journal, logger: logger) }
    guardian.attach(facts: journal)
    let register = DeviceRegister(settings.devices)
    ConnectionDesk.embed(
      connectionPolicy, sha256: RuleFiles.sha256(connectionPolicy.body.text),
      register.devices.map { ($0, $0.town) }, into: journal)
    hub = Hub(node: settings.name, settings: settings.hub, clock: clock, facts: journal, logger: logger)
    try await RelayNode.resumeEpochs(hub, projection, journal)
    let media = media
    var recording = settings.archive
    recording.wallUncertainty = { ClockWatch.kernelState().map { Nanoseconds($0.maximumErrorNs) } }
    archive = try await pool.runIfActive { [recording] in
      guard recording.enabled else { return nil }
      return try Archive.open(
        dataFolder: folder, node: settings.name, settings: recording, identity: identity, clock: clock, facts: journal,
        loops: media, makeTap: Archive.matroska(library), logger: logger)
    }
    archive?.record(from: hub)
    let keepsSamples = settings.measuring.enabled && settings.measuring.samples
    samples = keepsSamples ? try SampleWriter(dataFolder: folder, facts: journal, clock: clock, logger: logger) : nil
    let classes = Dictionary(settings.devices.map { ($0.stream, $0.deviceClass) }) { first, _ in first }
    let judge = try QualityJudge(
      rules: rules, field: settings.measuring.fieldProfile, fixed: settings.measuring.fixedProfile, facts: journal,
      deviceClass: { classes[$0] })
    workers = try await pool.runIfActive {
      try Disk.makeFolder(folder + "/run", mode: 0o700)
      return try DecodePool.start(settings.workers) { logger.info("worker", metadata: ["event": "\($0)"]) }
    }

    if settings.measuring.enabled, settings.measuring.probes {
      hub.watch(ContentProbes(hub: hub, decoder: workers, loops: media, settings: settings.measuring.content))
    }

    let peers = try await pool.runIfActive { try PeerStore(dataFolder: folder) }
    upper = UpperDesk(
      hub: hub, identity: identity, peers: peers, dataFolder: folder, group: controlGroup, decoder: workers, logger: logger)
    guardian.attach(upper: upper)
    let lowerClocks = upper.clocks
    let measuring = SessionMeasuring(
      isOn: settings.measuring.enabled, samples: samples, windowClosed: { judge.closed($0) },
      // A lower node's streams are named after it.
      senderClock: { stream in
        guard let node = stream.path.split(separator: "/").first else { return nil }
        return lowerClocks.distance(of: String(node), at: clock.bootTime()).map { ClockDistance(low: $0.low, high: $0.high) }
      })
    let environment = GatewayEnvironment(hub: hub, authority: guardian, measuring: measuring, loops: media, logger: logger)
    let rtspContext = RTSPContext(settings.rtsp, environment)
    rtsp = try RTSPServer.start(rtspContext)
    rtmp = try RTMPServer.start(settings.rtmp, environment)
    pullers = try settings.pulls.map { pull in
      try RTSPPuller(pull, context: rtspContext)
    }
    let starter = RelayNode.mediaStarter(rtspContext, logger)
    let (hub, controlGroup) = (hub, controlGroup)
    uplinks = settings.uplinks.map { uplink in
      Uplink(
        uplink.paired(by: peers), hub: hub, identity: identity, dataFolder: folder, group: controlGroup, logger: logger, startMedia: starter,
        events: Uplink.Events { incident, _ in logger.info("receipt stored", metadata: ["incident": "\(incident)"]) })
    }
    let office = DeskEnvironment(
      hub: hub, loop: media.next(), decoder: workers, register: register, dataFolder: folder, logger: logger)
    connections = ConnectionDesk(office, policy: connectionPolicy)
    desk = IncidentDesk(office, policy: policy, upper: UpperTier(uplinks, clock: clock))

    let facts = journal.subscribe(after: nil, buffer: 65_536)
    let past = try await RelayNode.past(projection, journal)
    for puller in pullers { puller.start() }
    for uplink in uplinks {
      uplink.recover(from: past)
      uplink.start()
    }
    await desk.recover(from: past)
    await connections.recover(from: past)
    upper.recover(from: past)
    let control = try await upper.start(host: settings.bind, port: Int(settings.control.port))
    let (desk, connections) = (desk, connections)
    feed = Task {
      for await fact in facts {
        await desk.take(fact)
        await connections.take(fact)
      }
    }

    let server = WebServer(
      WebEnvironment(
        node: WebNode(
          name: settings.name, role: settings.role.rawValue, version: FirstFrame.version, dataFolder: folder, clock: clock,
          devices: register.devices),
        authority: guardian, streams: hub, incidents: desk, connections: connections, facts: journal, archive: ArchiveViews(archive: archive),
        links: LinkViews(uplinks: uplinks, upper: upper, clock: clock),
        rates: RateViews(projection: projection, journal: journal, desk: desk), inspections: InspectionViews(dataFolder: folder), logger: logger),
      host: settings.bind, port: Int(settings.web.port))
    let (bound, binding) = AsyncThrowingStream<Int, any Error>.makeStream()
    web = Task {
      do {
        try await server.run(on: controlGroup) { binding.yield($0) }
        binding.finish()
      } catch {
        binding.finish(throwing: error)
        throw error
      }
    }
    var http: Int?
    for try await port in bound {
      http = port
      break
    }
    guard let http else { throw Fault(.portInUse, "http \(settings.bind):\(settings.web.port)") }
    ports = (Int(rtsp.port), Int(rtmp.port), http, control)
    let watch = ClockWatch(clock: clock, facts: journal)
    // The reading that the first second's steps are seen against.
    watch.tick()
    timer = controlGroup.next().scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
      hub.tick()
      watch.tick()
      NIOThreadPool.singleton.submit { _ in guardian.reload() }
      Task { await desk.tick() }
      Task { await connections.tick() }
    }
  }

  /// Ends the node: no new media, last segments acknowledged, the journal closed last.
  func stop(reason: String) async {
    timer.cancel()
    for puller in pullers { await puller.stop() }
    for uplink in uplinks { uplink.stop() }
    await upper.stop()
    await rtsp.stop()
    await rtmp.stop()
    await archive?.close()
    await samples?.close()
    web.cancel()
    feed.cancel()
    await workers.stop()
    await journal.close(reason: reason)
    await projection.close()
    try? await media.shutdownGracefully()
    try? await controlGroup.shutdownGracefully()
  }

  /// What incidents and receipts are made of, from the index rather than the whole journal: a node that has run for months is back as fast as a new one.
  private static func past(_ projection: Projection, _ journal: Journal) async throws -> [Fact] {
    guard await projection.caughtUp(to: journal.last.sequence) else { throw Fault(.diskFailed, "index.sqlite") }
    let kinds = IncidentFigures.kinds.union([
      FactKind.provinceHeard, FactKind.provinceDecoded, FactKind.receiptSent, FactKind.receiptConfirmed,
      FactKind.connectionRequested, FactKind.connectionMissed,
    ])
    return try await RateViews.facts(projection, kinds: kinds)
  }

  /// Before any door opens: with the wall clock set back since the last run, publications must still be newer than those before.
  private static func resumeEpochs(_ hub: Hub, _ projection: Projection, _ journal: Journal) async throws {
    guard await projection.caughtUp(to: journal.last.sequence) else { throw Fault(.diskFailed, "index.sqlite") }
    let kinds = [FactKind.streamStarted, FactKind.streamResumed]
    hub.resumeEpochs(from: try await projection.facts(FactQuery(kinds: kinds, limit: 1, newestFirst: true)))
  }

  private static func mediaStarter(_ context: RTSPContext, _ logger: Logger) -> UplinkMediaStarter {
    { request in UplinkCarrier(request, context: context, logger: logger) }
  }
}
