public import Model
public import NIOCore

extension MediaChannel {
  /// Connects to a host and makes a channel like an accepted one. From any thread, while the loop runs; no loop waits for a name.
  ///
  /// Each address of a name is tried in turn. One that does not answer may use its share of the time that is left.
  /// - Parameters:
  ///   - host: an address or a name.
  ///   - loop: what the channel will live on.
  ///   - timeout: for all of it, the look-up included. Not for a handshake of `security`.
  ///   - queueLimit: bytes that may wait before the channel is no longer writable; it is again at a quarter of them.
  ///   - security: nil for a plain connection.
  ///   - setUp: adds the handlers, on the loop, before any byte is read. When it throws the connection is closed.
  /// - Returns: the connected channel, on its loop. It fails with ``Fault`` `peerUnreachable` ("host:port: reason"), or a fault that `setUp` or
  ///   `security` has thrown.
  public static func connect(
    host: String, port: UInt16, on loop: MediaLoop, timeout: Nanoseconds, queueLimit: Int, security: Security? = nil,
    setUp: @escaping @Sendable (MediaChannel) throws -> Void
  ) -> EventLoopFuture<MediaChannel> {
    let target = Dial.Target(host: host, port: port, queueLimit: queueLimit, security: security, setUp: setUp)
    return connect(target, on: loop, timeout: timeout, resolver: NameLookup.system)
  }

  static func connect(
    _ target: Dial.Target, on loop: MediaLoop, timeout: Nanoseconds, resolver: @escaping NameLookup.Resolver
  ) -> EventLoopFuture<MediaChannel> {
    let promise = loop.makePromise(of: MediaChannel.self)
    let dial = Dial(target, on: loop, timeout: timeout, promise: promise)
    loop.execute { dial.start(resolver) }
    return promise.futureResult
  }
}
