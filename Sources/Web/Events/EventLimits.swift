/// How much clients of the event stream may cost. A client beyond its queue is closed; it comes back with the number of the fact that it saw last.
public struct EventLimits: Sendable, Hashable {
  /// Events that wait for one client: what a node with hundreds of streams records at once, when their minutes end together.
  public var queuedEvents = 4096
  /// Bytes of them. Clients share an event's bytes, so a thousand that do not read hold little more than one.
  public var queuedBytes = 4 << 20
  /// Simultaneous clients of one address. Large, for a hall behind one proxy is one address.
  public var clientsPerAddress = 128
  /// Of all addresses together.
  public var clients = 1024
  /// How often an empty event shows both ends that the connection lives.
  public var beat = Duration.seconds(10)

  /// The limits of a node in service.
  public init() {}
}
