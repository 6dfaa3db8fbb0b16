internal import Gateway
internal import Logging
internal import Model
internal import NIOCore
internal import Transport
internal import Wire

/// What a client connection reports to its puller or pusher. Called on the connection's loop.
protocol RTSPClientConnectionDelegate: AnyObject {
  /// Media flows.
  func established(_ connection: RTSPClientConnection, _ media: RTSPEstablished)
  func receivedFrame(_ connection: RTSPClientConnection, channel: UInt8, _ packet: UnsafeRawBufferPointer)
  /// Called once: why the connection is over.
  func ended(_ connection: RTSPClientConnection, _ fault: Fault)
  /// Called instead of ``ended(_:_:)``: the connection is over, for the camera wants to be asked elsewhere.
  /// - Parameter location: as it came; it may hold a password.
  func redirected(_ connection: RTSPClientConnection, to location: String, isProxy: Bool)
  func tick(_ connection: RTSPClientConnection, at now: BootTime)
}

/// One outgoing RTSP connection: carries out what its protocol state decides.
///
/// `@unchecked Sendable`: everything is touched on the connection's loop only.
final class RTSPClientConnection: RTSPFramingDelegate, @unchecked Sendable {
  let framing: RTSPFraming
  /// The server's address; nil when the kernel does not know it, and then nothing goes by UDP.
  let peer: PeerAddress?
  private let context: RTSPContext
  private let local: PeerAddress?
  private var state: RTSPClientState
  private weak var delegate: (any RTSPClientConnectionDelegate)?
  /// Per media position its UDP sockets.
  private var pairs: [Int: DatagramSocketPair] = [:]
  private var asked: BootTime?
  private var nextKeepAlive: BootTime?
  private var lastKeepAlive: BootTime?
  /// Whether the peer hung up within two seconds of a GET_PARAMETER: some that say they know it do.
  private(set) var isLostToGetParameter = false
  private var repairs: RepairLog
  /// Whether the caller of `connect` has this connection: before, its failure is the future's and not the delegate's.
  private var isHandedOver = false
  private var isOver = false

  private init(_ context: RTSPContext, _ framing: RTSPFraming, _ state: RTSPClientState, _ delegate: any RTSPClientConnectionDelegate) {
    self.context = context
    self.framing = framing
    self.state = state
    self.delegate = delegate
    let channel = framing.connection.channel
    peer = channel.remoteAddress.map { PeerAddress($0) }
    repairs = RepairLog(context.environment.logger, remoteAddress: framing.connection.remoteAddress)
    local = channel.localAddress.map { PeerAddress($0) }
  }

  /// Connects and begins the session; completes when the connection is there, on `loop`. Fails with ``Fault``.
  static func connect(
    _ configuration: RTSPClientState.Configuration, context: RTSPContext, loop: MediaLoop, delegate: any RTSPClientConnectionDelegate
  ) -> EventLoopFuture<RTSPClientConnection> {
    let delegate = NIOLoopBound(delegate, eventLoop: loop)
    let made = NIOLoopBoundBox<RTSPClientConnection?>(nil, eventLoop: loop)
    return MediaChannel.connect(
      host: configuration.url.host, port: configuration.url.port, on: loop, timeout: context.settings.handshakeDeadline,
      queueLimit: context.settings.readerQueueBytes
    ) { channel in
      try GatewayConnection.attach(channel, context.environment) { connection in
        let framing = RTSPFraming(connection)
        let client = RTSPClientConnection(context, framing, RTSPClientState(configuration), delegate.value)
        framing.delegate = client
        made.value = client
        return framing
      }
    }.flatMapThrowing { _ in
      guard let client = made.value, !client.isOver else { throw ChannelError.ioOnClosedChannel }
      client.isHandedOver = true
      client.perform(client.state.start())
      return client
    }
  }

  var remoteAddress: String { framing.connection.remoteAddress }
  private var now: BootTime { context.clock.bootTime() }

  // MARK: RTSPFramingDelegate

  func received(_ request: RTSPRequest) {
    repairs.note(request.repairs)
    perform(state.handle(request))
  }

  func received(_ response: RTSPResponse) {
    asked = nil
    repairs.note(response.repairs)
    perform(state.handle(response))
  }

  func receivedFrame(channel: UInt8, _ packet: UnsafeRawBufferPointer) { delegate?.receivedFrame(self, channel: channel, packet) }
  func broken(_ error: RTSPDecodingError) { end(error.fault) }
  func closed(_ how: String) {
    isLostToGetParameter = state.pendingMethod == .getParameter && lastKeepAlive.map { now - $0 < .seconds(2) } ?? false
    end(Fault(state.isPush ? .peerUnreachable : .pullFailed, how))
  }

  // MARK: Effects

  private func perform(_ effects: [RTSPClientState.Effect]) {
    for effect in effects where !isOver { perform(effect) }
  }

  private func perform(_ effect: RTSPClientState.Effect) {
    switch effect {
    case .send(let request): send(request)
    case .respond(let response):
      var buffer = ByteBuffer()
      response.write(into: &buffer)
      framing.send(buffer)
    case .described, .trackReady: break
    case .allocatePorts(let media):
      do throws(Fault) {
        guard let local else { throw Fault(.transportUnsupported, remoteAddress) }
        let pair = try context.ports.bindPair(host: local)
        pairs[media] = pair
        perform(state.portsAllocated(RTSPTransport.Ports(rtp: pair.rtp.port, rtcp: pair.rtcp.port)))
      } catch { end(error) }
    case .established(let media):
      nextKeepAlive = now + state.keepAliveInterval
      delegate?.established(self, media)
    case .repaired(let what): repairs.note(what)
    case .redirected(let location, let isProxy): redirect(to: location, isProxy: isProxy)
    case .failed(let fault): end(fault)
    }
  }

  private func send(_ request: RTSPRequest) {
    var buffer = ByteBuffer()
    request.write(into: &buffer)
    asked = state.isEstablished ? nil : now
    framing.send(buffer)
  }

  /// How the media goes: a UDP track from our ports to the server's.
  func path(_ media: RTSPEstablished, tracks: Int) -> MediaPath {
    MediaPath(media.setUps, tracks: tracks) { setUp in
      guard let peer, case .udp(_, let server) = setUp.path, let pair = pairs[setUp.media] else { return nil }
      return DatagramSender(pair: pair, rtpPeer: peer.with(port: server?.rtp ?? 0), rtcpPeer: peer.with(port: server?.rtcp ?? 0))
    }
  }

  // MARK: Endings

  /// Sends TEARDOWN and closes.
  func tearDown(_ fault: Fault = Fault(.streamEnded, "TEARDOWN")) {
    guard !isOver else { return }
    perform(state.tearDown())
    end(fault)
  }

  func end(_ fault: Fault) { finish { $0.ended(self, fault) } }

  private func redirect(to location: String, isProxy: Bool) { finish { $0.redirected(self, to: location, isProxy: isProxy) } }

  private func finish(_ tell: (any RTSPClientConnectionDelegate) -> Void) {
    guard !isOver else { return }
    isOver = true
    repairs.finish()
    if isHandedOver, let delegate { tell(delegate) }
    delegate = nil
    pairs = [:]
    framing.close()
  }

  // MARK: Once a second

  func tick(at now: BootTime) {
    if let asked, now - asked > context.settings.handshakeDeadline { return end(Fault(.rtspTimeout, "\(remoteAddress) does not answer")) }
    if let due = nextKeepAlive, now >= due {
      nextKeepAlive = now + state.keepAliveInterval
      lastKeepAlive = now
      perform(state.keepAlive())
    }
    delegate?.tick(self, at: now)
  }
}
