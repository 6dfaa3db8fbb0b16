internal import Logging
public import Model
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix

/// The RTSP port: publishers and readers, over TCP and UDP.
public final class RTSPServer: Sendable {
  private let context: RTSPContext
  private let listener: any Channel
  private let children: NIOLockedValueBox<[ObjectIdentifier: any Channel]>

  /// The port that was bound.
  public let port: UInt16

  private init(context: RTSPContext, listener: any Channel, children: NIOLockedValueBox<[ObjectIdentifier: any Channel]>) {
    self.context = context
    self.listener = listener
    self.children = children
    port = UInt16(clamping: listener.localAddress?.port ?? 0)
  }

  /// Listens on the settings' host and port. Throws ``FaultCode/portInUse``.
  public static func start(_ context: RTSPContext) async throws(Fault) -> RTSPServer {
    let children = NIOLockedValueBox<[ObjectIdentifier: any Channel]>([:])
    let settings = context.settings
    do {
      let listener = try await ServerBootstrap(group: context.group)
        .serverChannelOption(.backlog, value: 1024)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelOption(.socketOption(.so_keepalive), value: 1)
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        // One read takes what the socket has: a whole frame, a burst after a stall. Untouched pages of the buffer cost nothing.
        .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 64 << 10))
        .childChannelOption(
          .writeBufferWaterMark,
          value: ChannelOptions.Types.WriteBufferWaterMark(low: settings.readerQueueBytes / 4, high: settings.readerQueueBytes)
        )
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture { try accept(channel, context, children) }
        }
        .bind(host: settings.host, port: Int(settings.port)).get()
      let server = RTSPServer(context: context, listener: listener, children: children)
      context.logger.info("RTSP", metadata: ["host": "\(settings.host)", "port": "\(server.port)"])
      return server
    } catch {
      throw Fault(.portInUse, "RTSP \(settings.host):\(settings.port): \(error)")
    }
  }

  private static func accept(
    _ channel: any Channel, _ context: RTSPContext, _ children: NIOLockedValueBox<[ObjectIdentifier: any Channel]>
  ) throws {
    let id = ObjectIdentifier(channel)
    let admitted = children.withLockedValue { known in
      guard known.count < context.settings.maximumConnections else { return false }
      known[id] = channel
      return true
    }
    guard admitted, let remote = channel.remoteAddress, let local = channel.localAddress else {
      children.withLockedValue { _ = $0.removeValue(forKey: id) }
      context.logger.warning("connection refused: too many", metadata: ["limit": "\(context.settings.maximumConnections)"])
      throw Fault(.transportUnsupported, "too many connections")
    }
    let wire = RTSPWire(clock: context.clock)
    let connection = RTSPServerConnection(context: context, wire: wire, channel: channel, remote: remote, local: local) {
      children.withLockedValue { _ = $0.removeValue(forKey: id) }
    }
    wire.delegate = connection
    try channel.pipeline.syncOperations.addHandler(wire)
    context.sweepers.of(channel.eventLoop).add(connection)
  }

  /// Connections at this moment.
  public var connectionCount: Int { children.withLockedValue { $0.count } }

  /// Stops listening and closes every connection.
  public func stop() async {
    try? await listener.close()
    for channel in children.withLockedValue({ Array($0.values) }) { try? await channel.close() }
  }
}
