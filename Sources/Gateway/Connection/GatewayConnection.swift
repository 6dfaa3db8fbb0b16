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
  public typealias InboundIn = ByteBuffer
  /// How long a close waits for what was written to leave.
  static let closeDeadline = TimeAmount.seconds(2)

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

  public var loop: any EventLoop { channel.eventLoop }
  public var mediaLoop: MediaLoop { channel.mediaLoop }
  public var isOpen: Bool { delegate != nil }

  // MARK: Bytes

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

  public func handlerAdded(context: ChannelHandlerContext) {
    channel.receiver = self
    environment.sweepers.add(self, on: loop)
  }

  public func channelWritabilityChanged(context: ChannelHandlerContext) { isWritable = context.channel.isWritable }
  public func handlerRemoved(context: ChannelHandlerContext) { finish() }
  public func channelInactive(context: ChannelHandlerContext) { finish() }

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

  public func tick(at now: BootTime) { if !isClosing { delegate?.tick(at: now) } }
}

extension SocketAddress {
  /// `host:port` as facts and pages show it; an IPv6 address in brackets.
  public var hostAndPort: String {
    guard let host = ipAddress else { return "?" }
    return (host.utf8.contains(58) ? "[\(host)]" : host) + (port.map { ":\($0)" } ?? "")
  }
}
