import Gateway
import Model
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import RTMPGateway
import Wire

/// A client that says what it is told to, byte by byte.
final class RawClient: Sendable {
  private let channel: any Channel
  private let handler: Collector

  /// Collects what the server answers.
  private final class Collector: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    let bytes = NIOLockedValueBox(ByteBuffer())
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      var buffer = unwrapInboundIn(data)
      bytes.withLockedValue { _ = $0.writeBuffer(&buffer) }
    }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }

  private init(channel: any Channel, handler: Collector) {
    self.channel = channel
    self.handler = handler
  }

  static func connect(_ gateway: TestGateway) async throws -> RawClient {
    let handler = Collector()
    let channel = try await ClientBootstrap(group: gateway.group)
      .channelInitializer { channel in channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(handler) } }
      .connect(host: "127.0.0.1", port: Int(gateway.server.port)).get()
    return RawClient(channel: channel, handler: handler)
  }

  /// Everything a publisher says before its media, without waiting for any answer, as some encoders do.
  static func greeting(_ name: String) -> ByteBuffer {
    var bytes = RTMPClientHandshake().hello()
    bytes.writeRepeatingByte(0, count: 1536)
    let encoder = RTMPChunkEncoder()
    let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
    encoder.write(
      RTMPCommand(name: "connect", transaction: 1, object: .object(["app": .string(parts[0])])).message(), into: &bytes)
    encoder.write(RTMPCommand(name: "createStream", transaction: 2).message(), into: &bytes)
    encoder.write(RTMPCommand(name: "publish", transaction: 3, arguments: [.string(parts[1]), "live"]).message(stream: 1), into: &bytes)
    return bytes
  }

  /// Greeting, headers and pictures in one write, before any answer, as encoders do that take the answer to `FCPublish` for leave to begin.
  static func publishAtOnce(_ gateway: TestGateway, _ name: String, pictures: Range<Int>) async throws -> RawClient {
    let client = try await connect(gateway)
    var bytes = greeting(name)
    RTMPChunkEncoder().write(RTMPControl.setChunkSize(UInt32(RTMPChunkEncoder.agreedChunkSize)).message, into: &bytes)
    var writer = FLVUnitWriter(tracks: Pictures.tracks)
    writer.writeHeaders(into: &bytes)
    for unit in Pictures.units(pictures) { writer.write(unit, into: &bytes) }
    try await client.channel.writeAndFlush(bytes)
    return client
  }

  /// What the server has said so far, as text.
  var said: String { handler.bytes.withLockedValue { String(buffer: $0) } }

  static func publish(_ gateway: TestGateway, _ name: String) async throws -> RawClient {
    let client = try await connect(gateway)
    try await client.channel.writeAndFlush(greeting(name))
    return client
  }

  /// A whole small publication as bytes.
  static func recording(_ gateway: TestGateway) async throws -> [UInt8] {
    var bytes = greeting("live/hostile")
    RTMPChunkEncoder().write(RTMPControl.setChunkSize(UInt32(RTMPChunkEncoder.agreedChunkSize)).message, into: &bytes)
    var writer = FLVUnitWriter(tracks: Pictures.tracks)
    writer.writeHeaders(into: &bytes)
    for unit in Pictures.units(0..<12, size: 300) { writer.write(unit, into: &bytes) }
    return Array(bytes.readableBytesView)
  }

  /// Connects, sends, half-closes, and waits until the server has closed.
  static func throwBytes(_ bytes: [UInt8], at gateway: TestGateway) async throws {
    let client = try await connect(gateway)
    try? await client.channel.writeAndFlush(ByteBuffer(bytes: bytes))
    try? await client.channel.close(mode: .output).get()
    try? await client.channel.closeFuture.get()
  }

  func send(_ message: RTMPMessage) async throws {
    var bytes = ByteBuffer()
    RTMPChunkEncoder().write(message, into: &bytes)
    try await channel.writeAndFlush(bytes)
  }

  /// What the server has said, as text, once it has closed.
  func untilClosed() async -> String {
    try? await channel.closeFuture.get()
    return handler.bytes.withLockedValue { String(buffer: $0) }
  }
}
