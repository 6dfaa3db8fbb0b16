internal import Glibc
internal import Logging
public import Model
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix

/// The RTSP port: publishers and readers, over TCP and UDP.
public final class RTSPServer: Sendable {
  private typealias Children = NIOLockedValueBox<[ObjectIdentifier: any Channel]>

  private let context: RTSPContext
  private let acceptor: Acceptor
  private let children = Children([:])
  /// Descriptors that were accepted and are no channel yet, and channels.
  private let count = NIOLockedValueBox(0)

  /// The port that was bound.
  public var port: UInt16 { acceptor.port }

  private init(_ context: RTSPContext) throws(Fault) {
    self.context = context
    acceptor = try Acceptor(host: context.settings.host, port: context.settings.port, logger: context.logger)
  }

  /// Listens on the settings' host and port. Throws ``FaultCode/portInUse``.
  public static func start(_ context: RTSPContext) async throws(Fault) -> RTSPServer {
    let server = try RTSPServer(context)
    try server.acceptor.start { [weak server] descriptor in
      if let server { server.accept(descriptor) } else { close(descriptor) }
    }
    context.logger.info("RTSP", metadata: ["host": "\(context.settings.host)", "port": "\(server.port)"])
    return server
  }

  private func accept(_ descriptor: CInt) {
    let limit = context.settings.maximumConnections
    let admitted = count.withLockedValue { count in
      guard count < limit else { return false }
      count += 1
      return true
    }
    guard admitted else {
      context.logger.warning("connection refused: too many", metadata: ["limit": "\(limit)"])
      close(descriptor)
      return
    }
    let queue = context.settings.readerQueueBytes
    let (context, children, count) = (context, children, count)
    let isChannel = NIOLockedValueBox(false)
    ClientBootstrap(group: context.group.next())
      .channelOption(.socketOption(.so_keepalive), value: 1)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      // One read takes what the socket has: a whole frame, a burst after a stall. Untouched pages of the buffer cost nothing.
      .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 64 << 10))
      .channelOption(.writeBufferWaterMark, value: ChannelOptions.Types.WriteBufferWaterMark(low: queue / 4, high: queue))
      .channelInitializer { channel in
        isChannel.withLockedValue { $0 = true }
        children.withLockedValue { $0[ObjectIdentifier(channel)] = channel }
        channel.closeFuture.whenComplete { _ in
          children.withLockedValue { $0[ObjectIdentifier(channel)] = nil }
          count.withLockedValue { $0 -= 1 }
        }
        return channel.eventLoop.makeCompletedFuture { try RTSPServer.set(channel, descriptor, context) }
      }
      .withConnectedSocket(descriptor)
      .whenFailure { error in
        context.logger.info("connection lost while it was accepted", metadata: ["error": "\(error)"])
        if !isChannel.withLockedValue({ $0 }) { count.withLockedValue { $0 -= 1 } }
      }
  }

  private static func set(_ channel: any Channel, _ descriptor: CInt, _ context: RTSPContext) throws {
    var wire: RTSPWire?
    let made = RTSPWire(clock: context.clock, descriptor: descriptor) { channel in
      guard let wire, wire.delegate == nil, let remote = channel.remoteAddress, let local = channel.localAddress else {
        return channel.close(promise: nil)
      }
      let connection = RTSPServerConnection(context: context, wire: wire, channel: channel, remote: remote, local: local)
      wire.delegate = connection
      context.sweepers.of(channel.eventLoop).add(connection)
    }
    wire = made
    try channel.pipeline.syncOperations.addHandler(made)
  }

  /// Connections at this moment.
  public var connectionCount: Int { count.withLockedValue { $0 } }

  /// Stops listening and closes every connection.
  public func stop() async {
    acceptor.stop()
    for channel in children.withLockedValue({ Array($0.values) }) { try? await channel.close() }
  }
}
