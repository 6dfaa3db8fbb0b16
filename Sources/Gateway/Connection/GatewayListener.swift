public import Model
public import Transport

/// A gateway that listens: what the node starts and stops, whatever protocol it speaks.
public protocol GatewayService: Sendable {
  /// What is listened for and on which port, for people: "RTSP".
  var listening: [(name: String, port: UInt16)] { get }
  /// Stops listening and closes every connection.
  func stop() async
}

/// A TCP port of a gateway.
public final class GatewayListener: GatewayService {
  private let name: String
  private let listener: MediaListener

  /// The port that was bound.
  public var port: UInt16 { listener.port }
  /// Connections at this moment.
  public var connectionCount: Int { listener.connectionCount }
  /// The one port, under the settings' name.
  public var listening: [(name: String, port: UInt16)] { [(name, port)] }

  /// Listens. Throws ``FaultCode/portInUse``.
  /// - Parameter delegate: makes the protocol's part of each connection, on the connection's loop, before any byte is read.
  public init(
    _ settings: MediaListener.Settings, _ environment: GatewayEnvironment,
    delegate: @escaping @Sendable (GatewayConnection) -> any ConnectionDelegate
  ) throws(Fault) {
    name = settings.name
    var settings = settings
    settings.connections = environment.connections
    listener = try MediaListener.start(settings, loops: environment.loops, logger: environment.logger) { channel in
      try GatewayConnection.attach(channel, environment, delegate: delegate)
    }
  }

  /// Returns once every connection is closed and its delegate knows.
  public func stop() async { await listener.stop() }
}
