public import Gateway
public import Model
internal import NIOCore
internal import Transport

/// The RTMP port: publishers and players.
public enum RTMPServer {
  /// Listens on the settings' host and port. Throws ``FaultCode/portInUse``.
  public static func start(_ settings: RTMPSettings, _ environment: GatewayEnvironment) throws(Fault) -> GatewayListener {
    let listening = MediaListener.Settings(
      name: "RTMP", host: settings.host, port: settings.port, maximumConnections: settings.maximumConnections,
      queueLimit: settings.readerQueueBytes)
    return try GatewayListener(listening, environment) { RTMPConnection($0, settings, environment) }
  }
}
