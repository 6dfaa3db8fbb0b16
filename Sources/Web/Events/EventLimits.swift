/// How much clients of the event stream may cost. A client beyond its queue is closed; it comes back with the number of the fact that it saw last.
public struct EventLimits: Sendable, Hashable {
  /// Events that wait for one client.
  public var queuedEvents = 1024
  /// Bytes of them; with ``clients`` clients that do not read, this times as much is held.
  public var queuedBytes = 1 << 20
  /// Simultaneous clients of one address. Large, for a hall behind one proxy is one address.
  public var clientsPerAddress = 128
  /// Of all addresses together.
  public var clients = 1024
  /// How often an empty event shows both ends that the connection lives.
  public var beat = Duration.seconds(10)

  /// The limits of a node in service.
  public init() {}
}
