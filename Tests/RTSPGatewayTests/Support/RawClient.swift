import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A client that writes what it is told and keeps what comes, and can stop reading.
final class RawClient: Sendable {
  private final class Keeper: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    let received = NIOLockedValueBox(ByteBuffer())
    let waiters = NIOLockedValueBox<[(text: String, promise: EventLoopPromise<String>)]>([])
    let closed: EventLoopPromise<Void>

    init(closed: EventLoopPromise<Void>) { self.closed = closed }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      var buffer = unwrapInboundIn(data)
      received.withLockedValue { _ = $0.writeBuffer(&buffer) }
      settle()
    }

    func settle() {
      let text = received.withLockedValue { String(buffer: $0) }
      let due = waiters.withLockedValue { waiters in
        let due = waiters.filter { text.contains($0.text) }
        waiters.removeAll { text.contains($0.text) }
        return due
      }
      for waiter in due { waiter.promise.succeed(text) }
    }

    func channelInactive(context: ChannelHandlerContext) { closed.succeed() }
  }

  let channel: any Channel
  private let keeper: Keeper

  private init(channel: any Channel, keeper: Keeper) {
    self.channel = channel
    self.keeper = keeper
  }

  static func connect(port: UInt16, group: any EventLoopGroup, receiveRoom: Int? = nil) async throws -> RawClient {
    let loop = group.next()
    let keeper = Keeper(closed: loop.makePromise())
    var bootstrap = ClientBootstrap(group: loop).channelInitializer { $0.pipeline.addHandler(keeper) }
    if let receiveRoom {
      bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: ChannelOptions.Types.SocketOption.Value(receiveRoom))
    }
    return RawClient(channel: try await bootstrap.connect(host: "127.0.0.1", port: Int(port)).get(), keeper: keeper)
  }

  func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)) }
  func send(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }

  /// All that was received, once it contains a text.
  func receive(_ text: String, within seconds: Int64 = 15) async throws -> String {
    let promise = channel.eventLoop.makePromise(of: String.self)
    keeper.waiters.withLockedValue { $0.append((text, promise)) }
    keeper.settle()
    let timeout = channel.eventLoop.scheduleTask(in: .seconds(seconds)) { promise.fail(Workshop.Trouble("no \(text)")) }
    defer { timeout.cancel() }
    return try await promise.futureResult.get()
  }

  /// Sends a request and awaits its answer.
  func ask(_ method: String, _ url: String, cseq: Int, _ headers: String = "", body: String = "") async throws -> String {
    let length = body.isEmpty ? "" : "Content-Length: \(body.utf8.count)\r\n"
    try await send("\(method) \(url) RTSP/1.0\r\nCSeq: \(cseq)\r\n\(headers)\(length)\r\n\(body)")
    return try await receive("CSeq: \(cseq)\r\n")
  }

  var received: ByteBuffer { keeper.received.withLockedValue { $0 } }
  func closed() async throws { try await keeper.closed.futureResult.get() }
  func stopReading() async throws { try await channel.setOption(.autoRead, value: false).get() }
  func resumeReading() async throws { try await channel.setOption(.autoRead, value: true).get() }
  func close() async { try? await channel.close() }
}
