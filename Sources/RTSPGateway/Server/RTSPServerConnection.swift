internal import Access
internal import Gateway
internal import Hub
internal import Logging
internal import Model
internal import NIOCore
internal import RTPMedia
internal import Transport
internal import Wire

/// One client of the RTSP port: carries out what its protocol state decides, for publishers and readers.
///
/// `@unchecked Sendable`: everything is touched on the connection's loop only.
final class RTSPServerConnection: RTSPFramingDelegate, @unchecked Sendable {
  private let context: RTSPContext
  private let framing: RTSPFraming
  private let peer: PeerAddress?
  private let local: PeerAddress?
  private var state: RTSPServerState
  private var grant = AccessGrant()
  private var isClosed = false
  private var served: ServedDescription?
  /// Per media position its UDP sockets.
  private var pairs: [Int: DatagramSocketPair] = [:]
  private var publisher: RTSPPublisher?
  private var reader: ReaderSession?
  private var sink: RTSPSink?
  private var repairs: RepairLog

  init(_ context: RTSPContext, _ framing: RTSPFraming) {
    self.context = context
    self.framing = framing
    let channel = framing.connection.channel
    peer = channel.remoteAddress.map { PeerAddress($0) }
    repairs = RepairLog(context.environment.logger, remoteAddress: framing.connection.remoteAddress)
    local = channel.localAddress.map { PeerAddress($0) }
    var configuration = RTSPServerState.Configuration()
    configuration.timeoutSeconds = Int(context.settings.sessionTimeout.value / 1_000_000_000)
    configuration.idleSeconds = Int(context.settings.handshakeDeadline.value / 1_000_000_000)
    configuration.allowsTCP = context.settings.allowsTCP
    configuration.allowsUDP = context.settings.allowsUDP && peer != nil && local != nil
    state = RTSPServerState(
      sessionID: RTSPContext.token(), nonce: RTSPContext.token() + RTSPContext.token(), configuration: configuration,
      at: context.clock.bootTime())
  }

  private var remoteAddress: String { framing.connection.remoteAddress }
  private var loop: any EventLoop { framing.connection.loop }
  private var now: BootTime { context.clock.bootTime() }

  // MARK: RTSPFramingDelegate

  func received(_ request: RTSPRequest) {
    repairs.note(request.repairs)
    perform(state.handle(request, at: framing.lastRead))
  }

  /// We ask nothing of clients: their answers are signs of life and no more.
  func received(_ response: RTSPResponse) { state.touch(at: framing.lastRead) }

  func receivedFrame(channel number: UInt8, _ packet: UnsafeRawBufferPointer) {
    state.touch(at: framing.lastRead)
    guard let sink, let track = track(rtcpChannel: number) else { return }
    sink.rtcp(packet, track: track, at: framing.lastRead)
  }

  func broken(_ error: RTSPDecodingError) { perform(state.failed(error)) }

  func closed(_ how: String) {
    guard !isClosed else { return }
    isClosed = true
    repairs.finish()
    let fault = Fault(.publisherGone, how)
    perform(state.connectionClosed(fault))
    stop(fault)
  }

  private func track(rtcpChannel: UInt8) -> Int? {
    let setUp = state.setUps.first { if case .interleaved(let pair) = $0.path { pair.rtcp == rtcpChannel } else { false } }
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
      framing.send(buffer)
    case .authorise(let question): authorise(question)
    case .describe(let name): describe(name)
    case .allocatePorts(let setUp): allocatePorts(setUp)
    case .startRecording(let publication): publish(publication)
    case .startPlaying(let playback): play(playback)
    case .pause: stopReading()
    case .stop(let fault): stop(fault)
    case .note(let fault): context.environment.logger.info("\(fault)", metadata: ["remote": "\(remoteAddress)"])
    case .close: framing.close()
    }
  }

  private func authorise(_ question: RTSPAuthorisation) {
    let request = AccessRequest(
      action: question.action == .publish ? .publish : .read, stream: question.stream, credentials: AccessCredentials(question),
      remoteHost: framing.connection.remoteHost, remoteAddress: remoteAddress, canChallenge: true)
    switch context.environment.decide(request) {
    case .allowed(let grant):
      self.grant = grant
      perform(state.authorised(at: now))
    case .refused(let fault): perform(state.refused(fault, at: now))
    }
  }

  private func allocatePorts(_ setUp: RTSPTrackSetUp) {
    do throws(Fault) {
      guard let local else { throw Fault(.transportUnsupported, remoteAddress) }
      let pair = try context.ports.bindPair(host: local)
      pairs[setUp.media] = pair
      perform(state.portsAllocated(RTSPTransport.Ports(rtp: pair.rtp.port, rtcp: pair.rtcp.port), at: now))
    } catch {
      context.environment.logger.warning("\(error)")
      perform(state.refused(error, at: now))
    }
  }

  private func path(_ setUps: [RTSPTrackSetUp], tracks: Int) -> MediaPath {
    MediaPath(setUps, tracks: tracks) { setUp in
      guard let peer, case .udp(let client, _) = setUp.path, let pair = pairs[setUp.media] else { return nil }
      return DatagramSender(pair: pair, rtpPeer: peer.with(port: client.rtp), rtcpPeer: peer.with(port: client.rtcp))
    }
  }

  // MARK: Publishing

  private func publish(_ wanted: RTSPPublication) {
    // In open mode everybody on this machine may say that it is a node; without an origin that makes no device a node.
    let origin = grant.isNode ? wanted.origin : nil
    let path = path(wanted.setUps, tracks: wanted.tracks.count)
    let reception = ReceptionPlan(
      tracks: wanted.tracks.map(\.track), payloads: wanted.tracks.map(\.payload), reorders: path.usesDatagrams, trustsUnitIDs: origin != nil)
    var plan = PublisherPlan(name: wanted.stream, mediaProtocol: path.usesDatagrams ? .rtspUDP : .rtspTCP, grant: grant, origin: origin)
    plan.rtpPayloads = reception.payloads
    let made = RTSPPublisher(plan, reception, path: path, framing: framing, peer: peer, context: context) { [weak self] in self?.end($0) }
    publisher = made
    made.start { [self] fault in
      guard !isClosed, publisher === made else { return made.finish(Fault(.publisherGone, remoteAddress)) }
      guard let fault else { return perform(state.started(at: now)) }
      made.finish(fault)
      publisher = nil
      perform(state.refused(fault, at: now))
    }
  }

  // MARK: Reading

  private func describe(_ name: StreamName) {
    let deadline = NIODeadline.now() + .nanoseconds(context.settings.describeWait.value)
    context.environment.hub.description(of: name, until: deadline, on: loop).whenComplete { [self] result in
      guard !isClosed else { return }
      guard case .success(.some(let description)) = result else {
        return perform(state.refused(Fault(.streamUnknown, name.path), at: now))
      }
      let served = ServedDescription(description)
      self.served = served
      perform(state.described(served.description, at: now))
    }
  }

  private func play(_ playback: RTSPPlayback) {
    guard let served else { return perform(state.refused(Fault(.streamUnknown, playback.stream.path), at: now)) }
    // The answer goes first: media that overtakes it would be taken for it.
    perform(state.started(at: now))
    let path = path(playback.setUps, tracks: served.clockRates.count)
    let sink = RTSPSink(playback.stream, path: path, clockRates: served.clockRates, framing: framing, peer: peer, context: context) { [weak self] in
      self?.end($0)
    }
    let identity = ReaderSession.Identity(
      name: playback.stream, mediaProtocol: path.usesDatagrams ? .rtspUDP : .rtspTCP, grant: grant, session: state.sessionID)
    let reader = ReaderSession(identity, sink: sink, connection: framing.connection, environment: context.environment)
    sink.session = reader
    self.sink = sink
    self.reader = reader
    do { try sink.listen() } catch { return end(error) }
    reader.subscribe(.rtp { RTPPacketisation($0) })
  }

  private func stopReading() {
    reader?.stop()
    reader = nil
    sink?.stop()
    sink = nil
  }

  // MARK: Endings

  /// The hub or the stream ends it: what was written goes out, then the connection closes.
  private func end(_ fault: Fault) {
    perform(state.connectionClosed(fault))
    stop(fault)
    framing.close()
  }

  private func stop(_ fault: Fault?) {
    stopReading()
    publisher?.finish(fault ?? Fault(.streamEnded, "TEARDOWN"))
    publisher = nil
    pairs = [:]
  }

  // MARK: Once a second

  func tick(at now: BootTime) {
    guard !isClosed else { return }
    reader?.tick(at: now)
    if let publisher {
      if publisher.hasLeft(at: now) { return end(Fault(.publisherGone, "RTCP BYE")) }
      state.touch(at: publisher.lastDatagram ?? framing.lastRead)
    }
    if let received = sink?.lastDatagram { state.touch(at: received) }
    if let reader, now - max(reader.lastProgress, framing.lastRead) > context.settings.sessionTimeout, !framing.isWritable {
      return end(Fault(.rtspTimeout, remoteAddress))
    }
    perform(state.timedOut(at: now))
  }
}

extension AccessCredentials {
  /// What an RTSP request says of who asks; a `key` in the address stands in where there is no Authorization header.
  init(_ question: RTSPAuthorisation) {
    switch question.credentials {
    case .none: self = question.key.map { .token($0) } ?? .none
    case .basic(let user, let password): self = .userPassword(user: user, password: password)
    case .digest(let fields): self = .digest(user: fields.user) { question.matches(ha1: $0) }
    }
  }
}
