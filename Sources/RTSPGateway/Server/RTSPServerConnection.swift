internal import Hub
internal import Logging
internal import Model
internal import NIOCore
internal import Wire

/// One client's connection: carries out what its session decides, for publishers and readers.
///
/// `@unchecked Sendable`: everything is touched on the channel's loop only.
final class RTSPServerConnection: RTSPWireDelegate, Swept, @unchecked Sendable {
  private let context: RTSPContext
  private let wire: RTSPWire
  private let channel: any Channel
  private let peer: PeerAddress
  private let local: PeerAddress
  private let remoteHost: String
  private let remoteAddress: String
  private var session: RTSPServerState
  private var keyName: String?
  private var isNode = false
  private var isClosed = false
  private var served: ServedDescription?
  /// Per media position its UDP sockets.
  private var pairs: [Int: DatagramPair] = [:]
  private var publisher: PublisherSession?
  private var reader: RTSPReader?
  private var readerDatagrams: ReaderDatagrams?

  init(context: RTSPContext, wire: RTSPWire, channel: any Channel, remote: SocketAddress, local: SocketAddress) {
    self.context = context
    self.wire = wire
    self.channel = channel
    peer = PeerAddress(remote)
    self.local = PeerAddress(local)
    remoteHost = remote.ipAddress ?? "?"
    remoteAddress = remote.hostAndPort
    var configuration = RTSPServerState.Configuration()
    configuration.timeoutSeconds = Int(context.settings.sessionTimeout.value / 1_000_000_000)
    configuration.idleSeconds = Int(context.settings.handshakeDeadline.value / 1_000_000_000)
    configuration.allowsTCP = context.settings.allowsTCP
    configuration.allowsUDP = context.settings.allowsUDP
    session = RTSPServerState(
      sessionID: RTSPContext.token(), nonce: RTSPContext.token() + RTSPContext.token(), configuration: configuration,
      at: context.clock.bootTime())
  }

  private var loop: any EventLoop { channel.eventLoop }
  private var now: BootTime { context.clock.bootTime() }

  // MARK: RTSPWireDelegate

  func received(_ request: RTSPRequest) { perform(session.handle(request, at: wire.lastRead)) }

  /// We ask nothing of clients: their answers are signs of life and no more.
  func received(_ response: RTSPResponse) { session.touch(at: wire.lastRead) }

  func receivedFrame(channel number: UInt8, _ packet: UnsafeRawBufferPointer) {
    session.touch(at: wire.lastRead)
    guard let reader, let track = track(rtcpChannel: number) else { return }
    reader.rtcp(packet, track: track, at: wire.lastRead)
  }

  func broken(_ error: RTSPDecodingError) { perform(session.failed(error)) }

  func closed() {
    guard !isClosed else { return }
    isClosed = true
    context.sweepers.of(loop).remove(self)
    perform(session.connectionClosed())
    stop(Fault(.publisherGone, remoteAddress))
  }

  private func track(rtcpChannel: UInt8) -> Int? {
    let setUp = session.setUps.first { if case .interleaved(let pair) = $0.path { pair.rtcp == rtcpChannel } else { false } }
    return setUp?.track.map(Int.init)
  }

  // MARK: Effects

  private func perform(_ effects: [RTSPServerState.Effect]) {
    for effect in effects { perform(effect) }
  }

  private func perform(_ effect: RTSPServerState.Effect) {
    switch effect {
    case .respond(let response):
      var buffer = ByteBuffer()
      response.write(into: &buffer)
      wire.send(buffer)
    case .authorise(let question): authorise(question)
    case .describe(let name): describe(name)
    case .allocatePorts(let setUp): allocatePorts(setUp)
    case .startRecording(let publication): publish(publication)
    case .startPlaying(let playback): play(playback)
    case .pause: stopReading()
    case .stop(let fault): stop(fault)
    case .note(let fault): context.logger.info("\(fault)", metadata: ["remote": "\(remoteAddress)"])
    case .close: wire.close()
    }
  }

  private func authorise(_ question: RTSPAuthorisation) {
    switch context.authority.decide(question, remoteHost: remoteHost) {
    case .allowed(let keyName, let isNode):
      self.keyName = keyName
      self.isNode = isNode
      perform(session.authorised(at: now))
    case .refused(let fault):
      // A missing credential is the ordinary first step of a digest, no refusal.
      if fault.code != .credentialsMissing {
        context.hub.facts.record(
          FactKind.accessRefused,
          [
            "what": .string(question.action.rawValue), "name": .string(question.stream.path), "peer": .string(remoteAddress),
            "code": .string(fault.code.rawValue),
          ])
      }
      perform(session.refused(fault, at: now))
    }
  }

  private func allocatePorts(_ setUp: RTSPTrackSetUp) {
    do {
      let pair = try context.ports.take(host: local)
      pairs[setUp.media] = pair
      perform(session.portsAllocated(pair.ports, at: now))
    } catch {
      context.logger.warning("\(error)")
      perform(session.refused(error, at: now))
    }
  }

  /// Per track of a stream, its media's set-up.
  private func setUps(_ all: [RTSPTrackSetUp], tracks: Int) -> [RTSPTrackSetUp?] {
    (0..<tracks).map { index in all.first { $0.track.map(Int.init) == index } }
  }

  private func sender(_ setUp: RTSPTrackSetUp?) -> DatagramSender? {
    guard let setUp, case .udp(let client, _) = setUp.path, let pair = pairs[setUp.media] else { return nil }
    return DatagramSender(pair: pair, rtpPeer: peer.with(port: client.rtp), rtcpPeer: peer.with(port: client.rtcp))
  }

  // MARK: Publishing

  private func publish(_ wanted: RTSPPublication) {
    let origin = isNode ? wanted.origin : nil
    let usesDatagrams = wanted.setUps.contains { !$0.path.isInterleaved }
    let plan = IngressPlan(wanted.tracks, usesDatagrams: usesDatagrams, trustedOrigin: origin)
    let publisher = PublisherSession(channel: channel) { [weak self] fault in self?.end(fault) }
    let request = PublishRequest(
      name: wanted.stream, tracks: plan.tracks, mediaProtocol: plan.mediaProtocol, remoteAddress: remoteAddress, keyName: keyName,
      origin: origin, rtpPayloads: plan.payloads, loop: loop, source: publisher)
    wire.holdMedia()
    context.hub.publish(request).hop(to: loop).whenComplete { [self] result in
      defer { wire.releaseMedia() }
      switch result {
      case .success(let publication): begin(publication, publisher, plan, setUps(wanted.setUps, tracks: plan.tracks.count))
      case .failure(let error): perform(session.refused(error as? Fault ?? Fault(.streamBusy, "\(error)"), at: now))
      }
    }
  }

  private func begin(_ publication: Publication, _ publisher: PublisherSession, _ plan: IngressPlan, _ setUps: [RTSPTrackSetUp?]) {
    guard !isClosed else { return publication.finish(Fault(.publisherGone, remoteAddress)) }
    let start = now
    let ingress = MediaIngress(publication: publication, plan: plan, context: context, hop: plan.hop, at: start)
    self.publisher = publisher
    if plan.usesDatagrams {
      let media = DatagramPublisher(
        ingress: ingress, datagrams: context.datagrams, peer: peer, senders: setUps.map { sender($0) },
        reportInterval: context.settings.reportInterval, at: start)
      publisher.start(publication, .datagrams(media))
    } else {
      let media = InterleavedPublisher(
        ingress: ingress, wire: wire, setUps: setUps, reportInterval: context.settings.reportInterval, at: start)
      publisher.start(publication, .interleaved(media))
    }
    perform(session.started(at: start))
  }

  // MARK: Reading

  private func describe(_ name: StreamName) {
    let deadline = NIODeadline.now() + .nanoseconds(context.settings.describeWait.value)
    context.hub.description(of: name, until: deadline, on: loop).whenComplete { [self] result in
      guard !isClosed else { return }
      guard case .success(.some(let description)) = result else {
        return perform(session.refused(Fault(.streamUnknown, name.path), at: now))
      }
      let served = ServedDescription(description)
      self.served = served
      perform(session.described(served.told, at: now))
    }
  }

  private func play(_ playback: RTSPPlayback) {
    guard let served else { return perform(session.refused(Fault(.streamUnknown, playback.stream.path), at: now)) }
    // The answer goes first: media that overtakes it would be taken for it.
    perform(session.started(at: now))
    let setUps = setUps(playback.setUps, tracks: served.clockRates.count)
    let usesDatagrams = playback.setUps.contains { !$0.path.isInterleaved }
    let identity = RTSPReader.Identity(
      name: playback.stream, remoteAddress: remoteAddress, keyName: keyName, mediaProtocol: usesDatagrams ? .rtspUDP : .rtspTCP,
      session: session.sessionID, hop: .viewer)
    let reader = RTSPReader(
      wire: wire, loop: loop, identity: identity, path: usesDatagrams ? .datagrams(setUps.map { sender($0) }) : .interleaved(setUps),
      clockRates: served.clockRates, node: context.hub.node, reportInterval: context.settings.reportInterval, logger: context.logger
    ) { [weak self] fault in self?.end(fault) }
    self.reader = reader
    if usesDatagrams { listen(for: reader, playback.setUps) }
    context.hub.subscribe(reader, to: playback.stream, form: .rtp { RTSPPacketisation($0) }).hop(to: loop).whenSuccess { reader.hold($0) }
  }

  private func listen(for reader: RTSPReader, _ setUps: [RTSPTrackSetUp]) {
    let receiver = ReaderDatagrams(peer: peer, reader: reader) { [weak self] in self?.session.touch(at: $0) }
    readerDatagrams = receiver
    for setUp in setUps {
      if let track = setUp.track, let pair = pairs[setUp.media] { context.datagrams.add(pair, track: Int(track), receiver: receiver) }
    }
  }

  private func stopReading() {
    reader?.stop()
    reader = nil
    if let readerDatagrams { context.datagrams.remove(readerDatagrams) }
    readerDatagrams = nil
  }

  // MARK: Endings

  /// The hub or the stream ends it: what was written goes out, then the connection closes.
  private func end(_ fault: Fault) {
    perform(session.connectionClosed())
    stop(fault)
    wire.close()
  }

  private func stop(_ fault: Fault?) {
    stopReading()
    publisher?.finish(fault ?? Fault(.streamEnded, "TEARDOWN"), at: now)
    publisher = nil
    wire.ingress = nil
    pairs = [:]
  }

  // MARK: Once a second

  func tick(at now: BootTime) {
    guard !isClosed else { return }
    reader?.tick(at: now)
    if let publisher {
      if publisher.saidGoodbye { return end(Fault(.publisherGone, "RTCP BYE")) }
      session.touch(at: publisher.lastDatagram ?? wire.lastRead)
    }
    if let reader, now - max(reader.lastProgress, wire.lastRead) > context.settings.sessionTimeout, !wire.isWritable {
      return end(Fault(.rtspTimeout, remoteAddress))
    }
    perform(session.timedOut(at: now))
  }
}

extension SocketAddress {
  /// `host:port` as facts and pages show it.
  var hostAndPort: String {
    guard let host = ipAddress else { return "?" }
    return (host.utf8.contains(58) ? "[\(host)]" : host) + (port.map { ":\($0)" } ?? "")
  }
}
