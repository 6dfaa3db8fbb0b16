public import Gateway
public import Model
internal import NIOCore
internal import Transport

/// The RTSP port: publishers and readers, over TCP and UDP.
public enum RTSPServer {
  /// Listens on the settings' host and port. Throws ``FaultCode/portInUse``.
  public static func start(_ context: RTSPContext) throws(Fault) -> GatewayListener {
    let settings = context.settings
    let listening = MediaListener.Settings(
      name: "RTSP", host: settings.host, port: settings.port, maximumConnections: settings.maximumConnections,
      queueLimit: settings.readerQueueBytes)
    return try GatewayListener(listening, context.environment) { connection in
      let framing = RTSPFraming(connection)
      framing.delegate = RTSPServerConnection(context, framing)
      return framing
    }
  }
}
