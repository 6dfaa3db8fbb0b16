internal import Logging
public import Model
internal import NIOCore
public import Transport

/// The RTSP port: publishers and readers, over TCP and UDP.
public final class RTSPServer: Sendable {
  private let listener: MediaListener

  /// The port that was bound.
  public var port: UInt16 { listener.port }
  /// Connections at this moment.
  public var connectionCount: Int { listener.connectionCount }

  private init(_ listener: MediaListener) { self.listener = listener }

  /// Listens on the settings' host and port. Throws ``FaultCode/portInUse``.
  /// - Parameter loops: where connections and their streams live: give all servers of a node the same few. Nil makes one loop that ends with the server.
  public static func start(_ context: RTSPContext, loops: MediaLoops? = nil) async throws(Fault) -> RTSPServer {
    let settings = context.settings
    let listening = MediaListener.Settings(
      name: "RTSP", host: settings.host, port: settings.port, maximumConnections: settings.maximumConnections,
      queueLimit: settings.readerQueueBytes)
    return RTSPServer(
      try MediaListener.start(listening, loops: loops, logger: context.logger) { channel in try RTSPServer.set(channel, context) })
  }

  private static func set(_ channel: MediaChannel, _ context: RTSPContext) throws {
    var wire: RTSPWire?
    let made = RTSPWire(clock: context.clock) { channel in
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

  /// Stops listening and closes every connection.
  public func stop() async { await listener.stop() }
}
