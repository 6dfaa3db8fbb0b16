public import Journal
internal import Model
internal import NIOCore
internal import NIOPosix

/// The lower node's part of pairing, run once from the command line.
public enum PairingClient {
  /// Dials the upper node, proves the code, and returns who it is. Throws ``FaultCode/pairingCodeWrong``, `.pairingExpired` or `.peerUnreachable`.
  public static func pair(host: String, port: Int, code: PairingCode, node: String, identity: NodeIdentity) async throws -> (
    node: String, key: NodePublicKey
  ) {
    let (request, nonce) = PairingExchange.request(node: node, key: identity.publicKey, code: code)
    let group = MultiThreadedEventLoopGroup.singleton
    let promise = group.next().makePromise(of: [UInt8].self)
    let channel: any Channel
    do {
      channel = try await ClientBootstrap(group: group)
        .connectTimeout(.seconds(5))
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(FirstFrameReader(promise: promise))
          }
        }
        .connect(host: host, port: port).get()
    } catch {
      promise.fail(Fault(.peerUnreachable, "\(host):\(port)"))
      throw Fault(.peerUnreachable, "\(host):\(port)")
    }
    var out = channel.allocator.buffer(capacity: request.count + 4)
    LinkFrame.write(request, into: &out)
    try await channel.writeAndFlush(out).get()
    let timeout = channel.eventLoop.scheduleTask(in: .seconds(10)) { promise.fail(Fault(.handshakeTimeout, "\(host):\(port)")) }
    defer {
      timeout.cancel()
      channel.close(promise: nil)
    }
    return try PairingExchange.conclude(try await promise.futureResult.get(), nonce: nonce, code: code)
  }

  /// Reads the first frame that comes.
  private final class FirstFrameReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let promise: EventLoopPromise<[UInt8]>
    private var buffer = ByteBuffer()

    init(promise: EventLoopPromise<[UInt8]>) { self.promise = promise }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      var incoming = unwrapInboundIn(data)
      buffer.writeBuffer(&incoming)
      do {
        if let frame = try LinkFrame.read(&buffer) { promise.succeed(frame) }
      } catch { promise.fail(error) }
    }

    func channelInactive(context: ChannelHandlerContext) { promise.fail(Fault(.peerUnreachable, "connection closed")) }
  }
}
