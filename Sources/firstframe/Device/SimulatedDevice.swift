internal import Gateway
internal import Hub
internal import Logging
internal import Measure
internal import Model
internal import NIOCore
internal import Pipelines
internal import RTMPGateway
internal import RTSPGateway
internal import Settings
internal import Synchronization
internal import Transport
internal import Wire

/// A device made of a test pattern and one way out. It keeps trying, as real ones do, until it is stopped.
final class SimulatedDevice: Sendable {
  /// What became of its media.
  enum Turn: Sendable {
    /// The server has accepted it.
    case onAir
    /// Refused, not reached, or lost; it is tried again.
    case lost(Fault)
  }

  private struct State {
    var publication: Publication?
    var number: UInt64 = 0
    var feed: AsyncStream<PatternUnit>.Continuation?
    var source: TestPatternSource?
    var rtsp: RTSPPusher?
    var server: GatewayListener?
    var rtmp: Task<Void, Never>?
  }

  private let pattern: TestPattern
  private let url: String
  let address: PushAddress
  private let isUDP: Bool
  private let listen: Endpoint?
  private let loops: MediaLoops
  private let hub: Hub
  let name: StreamName
  private let logger: Logger
  /// Each turn, in order; finished when the device is stopped.
  let turns: AsyncStream<Turn>
  private let turned: AsyncStream<Turn>.Continuation
  private let state = Mutex(State())

  init(pattern: TestPattern, url: String, isUDP: Bool, listen: Endpoint?) throws(Fault) {
    self.pattern = pattern
    self.url = url
    self.isUDP = isUDP
    self.listen = listen
    (turns, turned) = AsyncStream<Turn>.makeStream(bufferingPolicy: .bufferingNewest(64))
    var logger = Logger(label: "firstframe.push")
    // What happens is told by its turns; the log adds what keeps it from filming.
    logger.logLevel = .error
    self.logger = logger
    loops = try MediaLoops(count: 1)
    hub = Hub(node: "device", clock: SystemClock(), facts: NoFacts(), logger: logger)
    address = try PushAddress(url)
    name = address.name
  }

  func start() async throws {
    let (units, feed) = AsyncStream<PatternUnit>.makeStream(bufferingPolicy: .bufferingNewest(4096))
    var film = pattern
    var filming = try await roll(film, feed)
    if filming == nil, film.file != nil, film.hasAudio {
      film.hasAudio = false
      filming = try await roll(film, feed)
    }
    guard let (source, first) = filming else { throw Fault(.pipelineFailed, pattern.file ?? "") }
    state.withLock { state in
      state.source = source
      state.feed = feed
    }
    if url.hasPrefix("rtmp://"), listen == nil {
      startRTMP(units, first)
    } else {
      try await startRTSP(units, first)
    }
  }

  /// Whether the file that is filmed has been filmed to its end.
  var hasEnded: Bool { state.withLock { $0.source }?.hasEnded == true }

  /// A running source and its tracks; nil when it failed before it gave any, as a file does that lacks the sound it was asked for.
  private func roll(_ film: TestPattern, _ feed: AsyncStream<PatternUnit>.Continuation) async throws -> (TestPatternSource, [Track])? {
    let (tracks, found) = AsyncStream<[Track]>.makeStream()
    let source = try TestPatternSource(
      film, library: try PipelineLibrary.locate(), onTracks: { found.yield($0) }, onUnit: { feed.yield($0) },
      onFault: { [logger] in
        logger.error("\($0)")
        found.finish()
      })
    try source.start()
    for await first in tracks { return (source, first) }
    await source.stop()
    return nil
  }

  func stop() async {
    let parts = state.withLock { $0 }
    await parts.source?.stop()
    parts.feed?.finish()
    parts.rtmp?.cancel()
    await parts.rtmp?.value
    await parts.rtsp?.stop()
    await parts.server?.stop()
    turned.finish()
    try? await loops.shutdownGracefully()
  }

  // MARK: RTSP

  private func startRTSP(_ units: AsyncStream<PatternUnit>, _ tracks: [Track]) async throws {
    var settings = RTSPSettings()
    settings.host = listen?.host ?? "127.0.0.1"
    settings.port = UInt16(clamping: listen?.port ?? 0)
    let context = RTSPContext(settings, GatewayEnvironment(hub: hub, authority: OpenAuthority(), loops: loops, logger: logger))
    let publication = try await hub.publish(
      PublishRequest(
        name: name, tracks: tracks, mediaProtocol: .rtspTCP, remoteAddress: "pattern", sharedClock: true, loop: loops.nextLoop(),
        source: PatternPublication())
    ).get()
    state.withLock { $0.publication = publication }
    if listen != nil {
      let server = try RTSPServer.start(context)
      state.withLock { $0.server = server }
    } else {
      var options = RTSPPusher.Options(url: url)
      options.usesUDP = isUDP
      options.turned = { [turned, address] turn in
        switch turn {
        case .connected: turned.yield(.onAir)
        case .disconnected(let fault, _), .followed(let fault): turned.yield(.lost(address.told(fault)))
        }
      }
      let pusher = try RTSPPusher(name, options: options, context: context)
      pusher.start()
      state.withLock { $0.rtsp = pusher }
    }
    Task { [self] in for await unit in units { publication.post(MediaBatch(units: [accessUnit(unit, publication)], arrival: hub.clock.bootTime())) } }
  }

  private func accessUnit(_ unit: PatternUnit, _ publication: Publication?) -> AccessUnit {
    let now = hub.clock.bootTime()
    let number = state.withLock { state in
      state.number += 1
      return state.number
    }
    let origin = publication?.origin ?? UnitOrigin(node: "device", path: name)
    return AccessUnit(
      id: AccessUnitID(origin: origin, epoch: publication?.epoch ?? 0, number: number), track: unit.track, pts: unit.pts, dts: unit.pts,
      firstArrival: now, arrival: now, flags: unit.isKey ? [.key, .clean] : .clean, payload: unit.payload)
  }

  // MARK: RTMP

  private func startRTMP(_ units: AsyncStream<PatternUnit>, _ tracks: [Track]) {
    let task = Task { [self] in
      var pusher: RTMPPusher?
      var waitsForKey = true
      for await unit in units {
        if Task.isCancelled { break }
        if waitsForKey, !(unit.isKey && unit.track == 0) { continue }
        do throws(Fault) {
          if pusher == nil {
            pusher = try await RTMPPusher.connect(RTMPURL(url), tracks: tracks, on: loops)
          }
          try await pusher?.send([accessUnit(unit, nil)])
          // The server has agreed, and its socket took a key frame.
          if waitsForKey { turned.yield(.onAir) }
          waitsForKey = false
        } catch {
          turned.yield(.lost(address.told(error)))
          pusher = nil
          waitsForKey = true
          try? await Task.sleep(for: .seconds(1))
        }
      }
      await pusher?.finish()
    }
    state.withLock { $0.rtmp = task }
  }
}

/// The pattern's side of its publication: nothing to close, nothing measured.
private final class PatternPublication: PublicationSource {
  func close(_ reason: Fault) {}
  func requestKeyframe(track: UInt8) {}
  func tick(at now: BootTime) {}
  func inboundQuality(at now: BootTime) -> InboundQuality? { nil }
}

/// A device keeps no journal.
private struct NoFacts: FactSink {
  func record(_ kind: String, _ fields: [String: JSON], at: BootTime?) {}
  func commit(_ kind: String, _ fields: [String: JSON], at: BootTime?) async throws -> Fact { throw Fault(.journalBroken, "a device keeps none") }
}
