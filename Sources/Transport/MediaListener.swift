internal import Glibc
public import Logging
public import Model
internal import NIOConcurrencyHelpers
internal import NIOCore

/// A TCP port whose connections become channels of media loops, so many at a time.
public final class MediaListener: Sendable {
  public struct Settings: Sendable {
    /// Of what is listened for, for people: "RTSP".
    public var name: String
    public var host: String
    /// 0 lets the kernel choose.
    public var port: UInt16
    /// Connections beyond this are closed at once.
    public var maximumConnections: Int
    /// Bytes that may wait for one connection before it is no longer writable.
    public var queueLimit: Int

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
    var isStopped = false
  }

  private let settings: Settings
  private let logger: Logger
  private let acceptor: Acceptor
  private let loops: MediaLoops
  /// Whether the loops end with this listener.
  private let ownsLoops: Bool
  private let setUp: @Sendable (MediaChannel) throws -> Void
  private let connections = NIOLockedValueBox(Connections())

  /// The port that was bound.
  public var port: UInt16 { acceptor.port }
  /// Connections at this moment.
  public var connectionCount: Int { connections.withLockedValue { $0.count } }

  private init(_ settings: Settings, loops: MediaLoops?, logger: Logger, setUp: @escaping @Sendable (MediaChannel) throws -> Void) throws(Fault) {
    self.settings = settings
    self.logger = logger
    self.setUp = setUp
    acceptor = try Acceptor(settings.name, host: settings.host, port: settings.port, logger: logger)
    ownsLoops = loops == nil
    if let loops { self.loops = loops } else { self.loops = try MediaLoops(count: 1) }
  }

  /// Listens. Throws ``FaultCode/portInUse``, ``FaultCode/transportUnsupported``.
  /// - Parameters:
  ///   - loops: nil makes one that ends with the listener.
  ///   - setUp: adds a connection's handlers, on its loop; called before any byte is read.
  public static func start(
    _ settings: Settings, loops: MediaLoops?, logger: Logger, setUp: @escaping @Sendable (MediaChannel) throws -> Void
  ) throws(Fault) -> MediaListener {
    let listener = try MediaListener(settings, loops: loops, logger: logger, setUp: setUp)
    try listener.acceptor.start { [weak listener] descriptor in
      if let listener { listener.accept(descriptor) } else { _ = close(descriptor) }
    }
    logger.info("\(settings.name)", metadata: ["host": "\(settings.host)", "port": "\(listener.port)"])
    return listener
  }

  private func accept(_ descriptor: CInt) {
    let admitted = connections.withLockedValue { connections in
      guard connections.count < settings.maximumConnections, !connections.isStopped else { return false }
      connections.count += 1
      return true
    }
    guard admitted else {
      logger.warning("connection refused: too many", metadata: ["limit": "\(settings.maximumConnections)"])
      _ = close(descriptor)
      return
    }
    let channel = MediaChannel.adopt(descriptor, on: loops.nextLoop(), queueLimit: settings.queueLimit, setUp: setUp)
    let id = ObjectIdentifier(channel)
    let isLate = connections.withLockedValue { connections in
      connections.channels[id] = channel
      return connections.isStopped
    }
    channel.closeFuture.whenComplete { [self] _ in
      connections.withLockedValue { connections in
        connections.count -= 1
        connections.channels[id] = nil
      }
    }
    if isLate { channel.close(promise: nil) }
  }

  /// Stops listening and closes every connection.
  public func stop() async {
    acceptor.stop()
    let channels = connections.withLockedValue { connections in
      connections.isStopped = true
      return Array(connections.channels.values)
    }
    for channel in channels { try? await channel.close() }
    if ownsLoops { try? await loops.shutdownGracefully() }
  }
}
