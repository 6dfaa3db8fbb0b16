public import Model
internal import NIOCore
public import Transport
public import Wire

/// Publishes one stream to an RTMP server, as a device does: `firstframe push` and the device simulator.
///
/// `@unchecked Sendable`: the writer is touched on the channel's loop only.
public final class RTMPPusher: @unchecked Sendable {
  /// Where it publishes, the stream's name included.
  public let url: RTMPURL
  private let channel: MediaChannel
  private let handler: RTMPClientHandler
  private var writer: FLVUnitWriter

  private init(url: RTMPURL, channel: MediaChannel, handler: RTMPClientHandler, writer: FLVUnitWriter) {
    self.url = url
    self.channel = channel
    self.handler = handler
    self.writer = writer
  }

  /// Connects, publishes and sends metadata and sequence headers.
  /// - Parameter timeout: for all of it.
  /// - Throws: ``Fault`` `pushFailed` (no connection), `handshakeTimeout`, or what the server refused: `streamBusy`, `accessDenied`.
  public static func connect(
    _ url: RTMPURL, tracks: [Track], on loops: MediaLoops, timeout: Nanoseconds = .seconds(10)
  ) async throws(Fault) -> RTMPPusher {
    let loop = loops.nextLoop()
    let handler = RTMPClientHandler(url: url, ready: loop.makePromise(of: UInt32.self), closed: loop.makePromise(of: Fault.self))
    do {
      let channel = try await open(url, handler, loop, timeout)
      let late = loop.scheduleTask(in: .nanoseconds(timeout.value)) { handler.fail(Fault(.handshakeTimeout, url.description)) }
      defer { late.cancel() }
      let stream = try await handler.ready.futureResult.get()
      let pusher = RTMPPusher(url: url, channel: channel, handler: handler, writer: FLVUnitWriter(tracks: tracks, stream: stream))
      try await pusher.write { $0.writeHeaders(into: &$1) }
      return pusher
    } catch {
      handler.abandon()
      throw error as? Fault ?? Fault(.pushFailed, "\(url): \(error)")
    }
  }

  private static func open(
    _ url: RTMPURL, _ handler: RTMPClientHandler, _ loop: MediaLoop, _ timeout: Nanoseconds
  ) async throws -> MediaChannel {
    do {
      return try await MediaChannel.connect(
        host: url.host, port: UInt16(clamping: url.port), on: loop, timeout: timeout, queueLimit: 4 << 20
      ) { channel in try channel.pipeline.syncOperations.addHandler(handler) }.get()
    } catch { throw Fault(.pushFailed, (error as? Fault)?.detail ?? "\(url): \(error)") }
  }

  /// Sends units in decode order; returns once the socket took them. Throws what ended the connection.
  public func send(_ units: [AccessUnit]) async throws(Fault) {
    try await write { writer, buffer in for unit in units { writer.write(unit, into: &buffer) } }
  }

  /// The tracks or their parameters changed: new sequence headers go out.
  public func update(tracks: [Track]) async throws(Fault) {
    try await write { writer, buffer in
      writer.update(tracks)
      writer.writeHeaders(into: &buffer)
    }
  }

  /// Says goodbye and closes.
  public func finish() async {
    let handler = handler
    try? await channel.eventLoop.flatSubmit { handler.finish() }.get()
  }

  /// Cuts the connection without a goodbye, as a dead battery does.
  public func cut() async { try? await channel.close() }

  /// Why the connection is over, once it is.
  public func closed() async -> Fault {
    (try? await handler.closed.futureResult.get()) ?? Fault(.pushFailed, url.description)
  }

  private func write(_ body: @escaping @Sendable (inout FLVUnitWriter, inout ByteBuffer) -> Void) async throws(Fault) {
    do {
      try await channel.eventLoop.flatSubmit { [self] in
        var buffer = ByteBuffer()
        body(&writer, &buffer)
        return channel.writeAndFlush(buffer)
      }.get()
    } catch {
      throw handler.reason ?? Fault(.pushFailed, "\(url): \(error)")
    }
  }
}
