internal import Logging
public import Model
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix

/// The RTMP port: publishers and players.
///
/// Give it few event loops: a player on its publisher's loop costs no hand-over, and one loop carries hundreds of streams.
public final class RTMPServer: Sendable {
  private let context: RTMPContext
  private let listener: any Channel
  private let children: NIOLockedValueBox<[ObjectIdentifier: any Channel]>

  /// The port that was bound.
  public let port: UInt16

  private init(context: RTMPContext, listener: any Channel, children: NIOLockedValueBox<[ObjectIdentifier: any Channel]>) {
    self.context = context
    self.listener = listener
    self.children = children
    port = UInt16(clamping: listener.localAddress?.port ?? 0)
  }

  /// Listens on the settings' host and port. Throws ``FaultCode/portInUse``.
  public static func start(_ context: RTMPContext) async throws(Fault) -> RTMPServer {
    let children = NIOLockedValueBox<[ObjectIdentifier: any Channel]>([:])
    let settings = context.settings
    let mark = ChannelOptions.Types.WriteBufferWaterMark(low: settings.readerQueueBytes / 4, high: settings.readerQueueBytes)
    do {
      let listener = try await ServerBootstrap(group: context.group)
        .serverChannelOption(.backlog, value: 1024)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelOption(.socketOption(.so_keepalive), value: 1)
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        // One read takes a whole frame, or what a stall held up; the buffer is pooled, for messages are copied out of it.
        .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 128 << 10))
        .childChannelOption(.writeBufferWaterMark, value: mark)
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture { try accept(channel, context, children) }
        }
        .bind(host: settings.host, port: Int(settings.port)).get()
      let server = RTMPServer(context: context, listener: listener, children: children)
      context.logger.info("RTMP", metadata: ["host": "\(settings.host)", "port": "\(server.port)"])
      return server
    } catch {
      throw Fault(.portInUse, "RTMP \(settings.host):\(settings.port): \(error)")
    }
  }

  private static func accept(
    _ channel: any Channel, _ context: RTMPContext, _ children: NIOLockedValueBox<[ObjectIdentifier: any Channel]>
  ) throws {
    let id = ObjectIdentifier(channel)
    let admitted = children.withLockedValue { known in
      guard known.count < context.settings.maximumConnections else { return false }
      known[id] = channel
      return true
    }
    guard admitted else {
      context.logger.warning("connection refused: too many", metadata: ["limit": "\(context.settings.maximumConnections)"])
      throw Fault(.transportUnsupported, "too many connections")
    }
    let connection = RTMPConnection(context: context, channel: channel) { children.withLockedValue { _ = $0.removeValue(forKey: id) } }
    try channel.pipeline.syncOperations.addHandler(connection)
  }

  /// Connections at this moment.
  public var connectionCount: Int { children.withLockedValue { $0.count } }

  /// Stops listening and closes every connection.
  public func stop() async {
    try? await listener.close()
    for channel in children.withLockedValue({ Array($0.values) }) { try? await channel.close() }
  }
}
