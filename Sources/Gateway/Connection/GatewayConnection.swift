public import Model
public import NIOCore
public import Transport

/// What stands behind a ``GatewayConnection``: the protocol's own part. Called on the connection's loop.
public protocol ConnectionDelegate: AnyObject {
  /// Reads what it can off the front; what it leaves comes again with more behind it. Not called once the connection is closing.
  func received(_ bytes: inout ByteBuffer)
  /// Once a second.
  func tick(at now: BootTime)
  /// The connection is gone. Called once, as the last.
  /// - Parameter error: the socket's error; nil when the connection ended without one.
  func closed(_ error: (any Error)?)
}

/// One TCP connection of a gateway, accepted or dialled: bytes in and out, its peer, a close that cannot hang.
///
/// `@unchecked Sendable`: everything is touched on the channel's loop only.
public final class GatewayConnection: ChannelInboundHandler, MediaReceiver, Swept, @unchecked Sendable {
  /// Only for the pipeline's sake: bytes come by ``received(_:)``.
  public typealias InboundIn = ByteBuffer
  /// How long a close waits for what was written to leave.
  static let closeDeadline = TimeAmount.seconds(2)

  /// The socket. Its loop is the session's.
  public let channel: MediaChannel
  /// The peer's IP address; "?" when the kernel does not know it.
  public let remoteHost: String
  /// `host:port`, as facts and pages show it.
  public let remoteAddress: String
  /// When bytes were last read.
  public private(set) var lastRead: BootTime
  /// Whether what waits to be written is below the limit; kept here, for it is asked for each delivery and the channel's own answer is an atomic.
  public private(set) var isWritable = true
  /// Nothing is read any more.
  public private(set) var isClosing = false
  private let environment: GatewayEnvironment
  private let clock: any NodeClock
  /// Held until the connection is gone: the channel keeps its session alive.
  private var delegate: (any ConnectionDelegate)?
  private var error: (any Error)?

  /// Adopts a channel that was just made; on its loop. Throws when the channel is gone already.
  /// - Parameter delegate: makes the protocol's part, which is held until the connection is gone.
  @discardableResult
  public static func attach(
    _ channel: MediaChannel, _ environment: GatewayEnvironment, delegate: (GatewayConnection) -> any ConnectionDelegate
  ) throws -> GatewayConnection {
    let connection = GatewayConnection(channel, environment)
    connection.delegate = delegate(connection)
    do { try channel.pipeline.syncOperations.addHandler(connection) } catch {
      // Connection and delegate hold each other until the end, which no handler will announce.
      connection.finish()
      throw error
    }
    return connection
  }

  private init(_ channel: MediaChannel, _ environment: GatewayEnvironment) {
    self.channel = channel
    self.environment = environment
    clock = environment.clock
    remoteHost = channel.remoteAddress?.ipAddress ?? "?"
    remoteAddress = channel.remoteAddress?.hostAndPort ?? "?"
    lastRead = environment.clock.bootTime()
  }

  /// Where everything of this connection is called.
  public var loop: any EventLoop { channel.eventLoop }
  /// How the connection ended, for a fault's detail.
  /// - Parameter error: what ``ConnectionDelegate/closed(_:)`` was given.
  public func ending(_ error: (any Error)?) -> String { "\(remoteAddress): \(error.map { "\($0)" } ?? "the peer closed the connection")" }
  /// The same loop, to watch datagram sockets on.
  public var mediaLoop: MediaLoop { channel.mediaLoop }

  // MARK: Bytes

  /// From the channel, with each read; hands the bytes to the delegate.
  public func received(_ bytes: inout ByteBuffer) {
    guard !isClosing else { return bytes.clear() }
    lastRead = clock.bootTime()
    delegate?.received(&bytes)
  }

  /// Writes to the socket at once; nothing when it is closed.
  public func send(_ bytes: ByteBuffer) { channel.send(bytes) }

  /// Closes once what was written has left, and in any case after two seconds. Nothing is read any more.
  /// - Parameter last: written before.
  public func close(after last: ByteBuffer = ByteBuffer()) {
    guard !isClosing else { return }
    isClosing = true
    let channel = channel
    channel.writeAndFlush(last).whenComplete { _ in channel.close(promise: nil) }
    loop.scheduleTask(in: GatewayConnection.closeDeadline) { channel.close(promise: nil) }
  }

  // MARK: Channel

  /// From the pipeline: the connection begins to receive and to be swept.
  public func handlerAdded(context: ChannelHandlerContext) {
    channel.receiver = self
    environment.sweepers.add(self, on: loop)
  }

  /// From the pipeline, when what waits crosses the channel's limits.
  public func channelWritabilityChanged(context: ChannelHandlerContext) { isWritable = context.channel.isWritable }
  /// From the pipeline: the end of a channel that never was active.
  public func handlerRemoved(context: ChannelHandlerContext) { finish() }
  /// From the pipeline: the socket is closed.
  public func channelInactive(context: ChannelHandlerContext) { finish() }

  /// From the pipeline: kept for ``ConnectionDelegate/closed(_:)``; the channel closes.
  public func errorCaught(context: ChannelHandlerContext, error: any Error) {
    self.error = error
    context.close(promise: nil)
  }

  private func finish() {
    guard let last = delegate else { return }
    delegate = nil
    isClosing = true
    isWritable = false
    environment.sweepers.remove(self, on: loop)
    last.closed(error)
  }

  // MARK: Once a second

  /// From the loop's sweeper, once a second.
  public func tick(at now: BootTime) { if !isClosing { delegate?.tick(at: now) } }
}

extension SocketAddress {
  /// `host:port` as facts and pages show it; an IPv6 address in brackets.
  public var hostAndPort: String {
    guard let host = ipAddress else { return "?" }
    return (host.utf8.contains(58) ? "[\(host)]" : host) + (port.map { ":\($0)" } ?? "")
  }
}
