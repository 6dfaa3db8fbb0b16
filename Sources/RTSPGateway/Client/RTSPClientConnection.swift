internal import Logging
internal import Model
internal import NIOCore
internal import NIOPosix
internal import Wire

/// What a client connection tells its puller or pusher. Called on the connection's loop.
protocol RTSPClientConnectionDelegate: AnyObject {
  /// Media flows.
  func established(_ connection: RTSPClientConnection, _ media: RTSPEstablished)
  func receivedFrame(_ connection: RTSPClientConnection, channel: UInt8, _ packet: UnsafeRawBufferPointer)
  /// Told once: why the connection is over.
  func ended(_ connection: RTSPClientConnection, _ fault: Fault)
  func tick(_ connection: RTSPClientConnection, at now: BootTime)
}

/// One outgoing RTSP connection: carries out what its session decides.
///
/// `@unchecked Sendable`: everything is touched on the channel's loop only.
final class RTSPClientConnection: RTSPWireDelegate, Swept, @unchecked Sendable {
  /// How long connecting, and each answer, may take.
  static let patience = Nanoseconds.seconds(10)

  let wire: RTSPWire
  let channel: any Channel
  let peer: PeerAddress
  let remoteAddress: String
  private let context: RTSPContext
  private let local: PeerAddress
  private var session: RTSPClientState
  private weak var delegate: (any RTSPClientConnectionDelegate)?
  /// Per media position its UDP sockets.
  private(set) var pairs: [Int: DatagramPair] = [:]
  private var asked: BootTime?
  private var nextKeepAlive: BootTime?
  private var isOver = false

  private init(
    context: RTSPContext, wire: RTSPWire, channel: any Channel, remote: SocketAddress, local: SocketAddress, session: RTSPClientState,
    delegate: any RTSPClientConnectionDelegate
  ) {
    self.context = context
    self.wire = wire
    self.channel = channel
    self.session = session
    self.delegate = delegate
    peer = PeerAddress(remote)
    self.local = PeerAddress(local)
    remoteAddress = remote.hostAndPort
  }

  /// Connects and begins the session; completes when the connection is there. Fails with ``Fault``.
  static func connect(
    _ configuration: RTSPClientState.Configuration, context: RTSPContext, loop: any EventLoop, delegate: any RTSPClientConnectionDelegate
  ) -> EventLoopFuture<RTSPClientConnection> {
    let delegate = NIOLoopBound(delegate, eventLoop: loop)
    let limit = context.settings.readerQueueBytes
    return ClientBootstrap(group: loop)
      .connectTimeout(.nanoseconds(patience.value))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelOption(.socketOption(.so_keepalive), value: 1)
      .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 64 << 10))
      .channelOption(.writeBufferWaterMark, value: ChannelOptions.Types.WriteBufferWaterMark(low: limit / 4, high: limit))
      .connect(host: configuration.url.host, port: Int(configuration.url.port))
      .flatMapThrowing { channel in
        guard let remote = channel.remoteAddress, let local = channel.localAddress else { throw ChannelError.ioOnClosedChannel }
        let wire = RTSPWire(clock: context.clock)
        let connection = RTSPClientConnection(
          context: context, wire: wire, channel: channel, remote: remote, local: local, session: RTSPClientState(configuration),
          delegate: delegate.value)
        wire.delegate = connection
        try channel.pipeline.syncOperations.addHandler(wire)
        context.sweepers.of(loop).add(connection)
        connection.perform(connection.session.start())
        return connection
      }
  }

  private var now: BootTime { context.clock.bootTime() }

  // MARK: RTSPWireDelegate

  func received(_ request: RTSPRequest) { perform(session.handle(request)) }

  func received(_ response: RTSPResponse) {
    asked = nil
    perform(session.handle(response))
  }

  func receivedFrame(channel: UInt8, _ packet: UnsafeRawBufferPointer) { delegate?.receivedFrame(self, channel: channel, packet) }
  func broken(_ error: RTSPDecodingError) { end(error.fault) }
  func closed() { end(Fault(session.isPush ? .peerUnreachable : .pullFailed, "\(remoteAddress) closed the connection")) }

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
      wire.send(buffer)
    case .described, .trackReady: break
    case .allocatePorts(let media):
      do {
        let pair = try context.ports.take(host: local)
        pairs[media] = pair
        perform(session.portsAllocated(pair.ports))
      } catch {
        end(error)
      }
    case .established(let media):
      nextKeepAlive = now + session.keepAliveInterval
      delegate?.established(self, media)
    case .failed(let fault): end(fault)
    }
  }

  private func send(_ request: RTSPRequest) {
    var buffer = ByteBuffer()
    request.write(into: &buffer)
    asked = now
    wire.send(buffer)
  }

  /// The sender of a UDP track: to the server's ports, from ours.
  func sender(_ setUp: RTSPTrackSetUp?) -> DatagramSender? {
    guard let setUp, case .udp(_, let server) = setUp.path, let pair = pairs[setUp.media] else { return nil }
    return DatagramSender(
      pair: pair, rtpPeer: peer.with(port: server?.rtp ?? 0), rtcpPeer: peer.with(port: server?.rtcp ?? 0))
  }

  // MARK: Endings

  /// Says farewell and closes.
  func tearDown() {
    guard !isOver else { return }
    perform(session.tearDown())
    end(Fault(.streamEnded, "TEARDOWN"))
  }

  func end(_ fault: Fault) {
    guard !isOver else { return }
    isOver = true
    context.sweepers.of(channel.eventLoop).remove(self)
    delegate?.ended(self, fault)
    delegate = nil
    wire.ingress = nil
    pairs = [:]
    wire.close()
  }

  // MARK: Once a second

  func tick(at now: BootTime) {
    if let asked, now - asked > RTSPClientConnection.patience { return end(Fault(.rtspTimeout, "\(remoteAddress) does not answer")) }
    if let due = nextKeepAlive, now >= due, let request = session.keepAlive() {
      nextKeepAlive = now + session.keepAliveInterval
      send(request)
    }
    delegate?.tick(self, at: now)
  }
}
