internal import Logging
public import Model
internal import NIOCore
public import Transport

/// The RTMP port: publishers and players.
///
/// Give it few event loops: a player on its publisher's loop costs no hand-over, and one loop carries hundreds of streams.
public final class RTMPServer: Sendable {
  private let listener: MediaListener

  /// The port that was bound.
  public var port: UInt16 { listener.port }
  /// Connections at this moment.
  public var connectionCount: Int { listener.connectionCount }

  private init(_ listener: MediaListener) { self.listener = listener }

  /// Listens on the settings' host and port. Throws ``FaultCode/portInUse``.
  /// - Parameter loops: where connections and their streams live: give all servers of a node the same few. Nil makes one loop that ends with the server.
  public static func start(_ context: RTMPContext, loops: MediaLoops? = nil) async throws(Fault) -> RTMPServer {
    let settings = context.settings
    let listening = MediaListener.Settings(
      name: "RTMP", host: settings.host, port: settings.port, maximumConnections: settings.maximumConnections,
      queueLimit: settings.readerQueueBytes)
    return RTMPServer(
      try MediaListener.start(listening, loops: loops, logger: context.logger) { channel in
        try channel.pipeline.syncOperations.addHandler(RTMPConnection(context: context, channel: channel))
      })
  }

  /// Stops listening and closes every connection.
  public func stop() async { await listener.stop() }
}
