internal import Glibc
public import Logging
public import Model
internal import NIOConcurrencyHelpers
internal import NIOCore

/// A TCP port whose connections become channels of media loops, so many at a time.
public final class MediaListener: Sendable {
  /// Where to listen and what a connection may cost.
  public struct Settings: Sendable {
    /// What is listened for, in log and faults: "RTSP".
    public var name: String
    /// An address or a name of this machine.
    public var host: String
    /// 0 lets the kernel choose.
    public var port: UInt16
    /// Connections beyond this are closed at once.
    public var maximumConnections: Int
    /// Bytes that may wait for one connection before it is no longer writable.
    public var queueLimit: Int
    /// Sockets that accept on the port, each with a thread of its own (SO_REUSEPORT from two on). With more than one the kernel no longer refuses a
    /// port that another program of the same user has opened in the same way.
    public var listeners = 1
    /// Encrypts the connections; nil for plain ones.
    public var security: MediaChannel.Security?
    /// Admits the connections of all ports together; nil admits all.
    public var connections: ConnectionGuard?

    /// Plain connections, accepted by one socket.
    public init(name: String, host: String, port: UInt16, maximumConnections: Int, queueLimit: Int) {
      self.name = name
      self.host = host
      self.port = port
      self.maximumConnections = maximumConnections
      self.queueLimit = queueLimit
    }
  }

  private struct Connections {
    var count = 0
    var channels: [ObjectIdentifier: MediaChannel] = [:]
    /// When it was last logged that there are too many.
    var warned: ContinuousClock.Instant?

    /// True once a minute at most.
    mutating func mayWarn(now: ContinuousClock.Instant = .now) -> Bool {
      if let warned, now - warned < .seconds(60) { return false }
      warned = now
      return true
    }
  }

  private let settings: Settings
  private let logger: Logger
  /// At least one; all on one port.
  private let acceptors: [Acceptor]
  private let loops: MediaLoops
  /// Whether the loops end with this listener.
  private let ownsLoops: Bool
  private let setUp: @Sendable (MediaChannel) throws -> Void
  private let connections = NIOLockedValueBox(Connections())

  /// The port that was bound.
  public let port: UInt16
  /// Connections at this moment.
  public var connectionCount: Int { connections.withLockedValue { $0.count } }

  private init(_ settings: Settings, loops: MediaLoops?, logger: Logger, setUp: @escaping @Sendable (MediaChannel) throws -> Void) throws(Fault) {
    self.settings = settings
    self.logger = logger
    self.setUp = setUp
    acceptors = try MediaListener.bind(settings, logger)
    port = acceptors.first?.port ?? settings.port
    ownsLoops = loops == nil
    if let loops { self.loops = loops } else { self.loops = try MediaLoops(count: 1) }
  }

  private static func bind(_ settings: Settings, _ logger: Logger) throws(Fault) -> [Acceptor] {
    let sharesPort = settings.listeners > 1
    do {
      var bound = [try Acceptor(host: settings.host, port: settings.port, sharesPort: sharesPort, logger: logger)]
      while bound.count < settings.listeners {
        bound.append(try Acceptor(host: settings.host, port: bound[0].port, sharesPort: sharesPort, logger: logger))
      }
      return bound
    } catch {
      throw Fault(error.code, "\(settings.name) \(error.detail)")
    }
  }

  /// Listens. Blocks while the host's name is looked up. Throws ``FaultCode/portInUse``, ``FaultCode/transportUnsupported``.
  /// - Parameters:
  ///   - loops: nil makes one that ends with the listener.
  ///   - setUp: adds a connection's handlers, on its loop; called before any byte is read.
  public static func start(
    _ settings: Settings, loops: MediaLoops?, logger: Logger, setUp: @escaping @Sendable (MediaChannel) throws -> Void
  ) throws(Fault) -> MediaListener {
    let listener = try MediaListener(settings, loops: loops, logger: logger, setUp: setUp)
    for acceptor in listener.acceptors {
      do {
        try acceptor.start { [weak listener] descriptor in
          if let listener { listener.accept(descriptor) } else { _ = close(descriptor) }
        }
      } catch {
        for other in listener.acceptors { other.stop() }
        throw error
      }
    }
    logger.info("\(settings.name)", metadata: ["host": "\(settings.host)", "port": "\(listener.port)"])
    return listener
  }

  private func accept(_ descriptor: CInt) {
    let admitted = connections.withLockedValue { connections in
      guard connections.count < settings.maximumConnections else { return false }
      connections.count += 1
      return true
    }
    guard admitted else {
      if connections.withLockedValue({ $0.mayWarn() }) {
        logger.warning("connections refused: too many", metadata: ["limit": "\(settings.maximumConnections)"])
      }
      _ = close(descriptor)
      return
    }
    guard let guardian = settings.connections else { return adopt(descriptor, nil) }
    let peer = SocketAddresses.remote(of: descriptor)?.ipAddress ?? ""
    let ticket = guardian.admit(peer)
    if let count = guardian.report() {
      logger.warning("connections closed for want of room", metadata: ["count": "\(count)", "newest": "\(peer)", "port": "\(settings.name)"])
    }
    if let ticket { return adopt(descriptor, ticket) }
    connections.withLockedValue { $0.count -= 1 }
    _ = close(descriptor)
  }

  private func adopt(_ descriptor: CInt, _ ticket: ConnectionGuard.Ticket?) {
    let channel = MediaChannel.adopt(
      descriptor, on: loops.nextLoop(), queueLimit: settings.queueLimit, security: settings.security
    ) { [setUp] channel in
      channel.ticket = ticket
      try setUp(channel)
    }
    ticket?.onShed { channel.close(promise: nil) }
    let id = ObjectIdentifier(channel)
    connections.withLockedValue { $0.channels[id] = channel }
    channel.closeFuture.whenComplete { [self] _ in
      ticket?.ended()
      connections.withLockedValue { connections in
        connections.count -= 1
        connections.channels[id] = nil
      }
    }
  }

  /// Stops listening and closes every connection; returns once they are closed.
  public func stop() async {
    for acceptor in acceptors { acceptor.stop() }
    for acceptor in acceptors { for await _ in acceptor.ended {} }
    let channels = connections.withLockedValue { Array($0.channels.values) }
    // All at once: a security handler's farewell may wait for its peer.
    for channel in channels { channel.close(promise: nil) }
    for channel in channels { try? await channel.closeFuture.get() }
    if ownsLoops { try? await loops.shutdownGracefully() }
  }
}
