import Glibc
import Logging
import Model
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import Transport

@Suite("A channel with a security handler looks like a plain one")
struct SecurityTests {
  /// What a pipeline above the security handler hears.
  ///
  /// `@unchecked Sendable`: touched on the loop only; `events` is a stream.
  private final class Listening: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    let events: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation

    init() { (events, continuation) = AsyncStream.makeStream(of: String.self) }

    func channelActive(context: ChannelHandlerContext) { continuation.yield("active") }
    func channelRead(context: ChannelHandlerContext, data: NIOAny) { continuation.yield("read \(unwrapInboundIn(data).readableBytes)") }
    func channelWritabilityChanged(context: ChannelHandlerContext) { continuation.yield("writable \(context.channel.isWritable)") }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { continuation.yield("error \(error)") }
    func channelInactive(context: ChannelHandlerContext) {
      continuation.yield("inactive")
      continuation.finish()
    }

    func all() async -> [String] {
      var seen: [String] = []
      for await event in events { seen.append(event) }
      return seen
    }
  }

  /// Sends back what comes.
  private final class Echo: MediaReceiver {
    unowned let channel: MediaChannel
    init(_ channel: MediaChannel) { self.channel = channel }
    func received(_ bytes: inout ByteBuffer) {
      channel.send(bytes)
      bytes.moveReaderIndex(to: bytes.writerIndex)
    }
  }

  private static func pair(
    on loop: MediaLoop, queueLimit: Int = 1 << 20, security: @escaping MediaChannel.Security = ToyCipher.make,
    setUp: @escaping @Sendable (MediaChannel) throws -> Void
  ) throws -> (MediaChannel, ToyPeer) {
    let (channel, peer) = try Peer.pair(on: loop, queueLimit: queueLimit, security: security, setUp: setUp)
    return (channel, ToyPeer(peer))
  }

  private static let sizes = [1, 2, 7, 8, 63, 64, 65, 1000, 4096, 65_535, 65_536, 65_537, 200_000]

  @Test("an accepted connection: every byte both ways, over many sizes, and none of them in clear")
  func accepted() async throws {
    var settings = MediaListener.Settings(name: "test", host: "127.0.0.1", port: 0, maximumConnections: 4, queueLimit: 1 << 20)
    settings.security = ToyCipher.make
    let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let listener = try MediaListener.start(settings, loops: nil, logger: quiet) { $0.receiver = Echo($0) }
    let peer = ToyPeer(try await Peer.connect(listener.port))
    await peer.shakeHands()
    for size in SecurityTests.sizes {
      let bytes = MediaChannelTests.pattern(size)
      await peer.send(bytes)
      #expect(await peer.receive(size) == bytes)
    }
    await peer.send([7, 7, 7, 7])
    #expect(await peer.peer.receive(4) != [7, 7, 7, 7])
    await listener.stop()
    #expect(listener.connectionCount == 0)
  }

  @Test("a dialled connection: every byte both ways, over many sizes, to a listener with the same cipher")
  func dialled() async throws {
    let loops = try MediaLoops(count: 2)
    var settings = MediaListener.Settings(name: "test", host: "127.0.0.1", port: 0, maximumConnections: 4, queueLimit: 1 << 20)
    settings.security = ToyCipher.make
    let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let listener = try MediaListener.start(settings, loops: loops, logger: quiet) { $0.receiver = Echo($0) }
    let receiver = Gathers()
    let channel = try await MediaChannel.connect(
      host: "127.0.0.1", port: listener.port, on: loops.nextLoop(), timeout: .seconds(10), queueLimit: 1 << 20, security: ToyCipher.make
    ) { $0.receiver = receiver }.get()
    let all = SecurityTests.sizes.map(MediaChannelTests.pattern)
    // The first before the other side has said hello.
    try await channel.eventLoop.submit { for bytes in all { channel.send(ByteBuffer(bytes: bytes)) } }.get()
    #expect(await receiver.first(all.reduce(0) { $0 + $1.count }) == all.flatMap(\.self))
    try await channel.close()
    await listener.stop()
    try await loops.shutdownGracefully()
  }

  @Test("what a receiver leaves comes again with more behind it, wherever the bytes are cut")
  func leftovers() async throws {
    try await withLoop { loop in
      let receiver = Records()
      let (_, peer) = try SecurityTests.pair(on: loop) { $0.receiver = receiver }
      await peer.shakeHands()
      let records = (1...120).map { number in [UInt8](repeating: UInt8(number), count: number * 2) }
      let bytes = records.flatMap { [UInt8($0.count)] + $0 }
      for byte in bytes.prefix(60) { await peer.send([byte]) }
      for start in stride(from: 60, to: bytes.count, by: 97) { await peer.send(Array(bytes[start..<min(start + 97, bytes.count)])) }
      #expect(await receiver.first(records.count) == records)
    }
  }

  @Test("what a receiver leaves for long comes whole")
  func longLeftovers() async throws {
    try await withLoop { loop in
      let receiver = Gathers(atOnce: 1_000_000)
      let (_, peer) = try SecurityTests.pair(on: loop) { $0.receiver = receiver }
      await peer.shakeHands()
      let all = MediaChannelTests.pattern(2_000_100)
      for start in stride(from: 0, to: all.count, by: 30_000) { await peer.send(Array(all[start..<min(start + 30_000, all.count)])) }
      #expect(await receiver.first(2_000_000) == Array(all.prefix(2_000_000)))
    }
  }

  @Test("a slow reader makes the channel unwritable, from before the handshake on, and gets every byte in order")
  func slowReader() async throws {
    try await withLoop { loop in
      let above = Listening()
      let (channel, peer) = try SecurityTests.pair(on: loop, queueLimit: 200_000) { try $0.pipeline.syncOperations.addHandler(above) }
      let all = MediaChannelTests.pattern(3_000_000)
      let written = try await loop.submit {
        for start in stride(from: 0, to: all.count - 10_000, by: 10_000) { channel.send(ByteBuffer(bytes: all[start..<start + 10_000])) }
        return channel.writeAndFlush(ByteBuffer(bytes: all.suffix(10_000)))
      }.get()
      // Nothing has been encrypted yet, and still the channel is full.
      #expect(try await loop.submit { !channel.isWritable }.get())
      await peer.shakeHands()
      #expect(try await loop.submit { !channel.isWritable }.get())
      #expect(await peer.receive(all.count) == all)
      try await written.get()
      #expect(try await loop.submit { channel.isWritable }.get())
      try await channel.close()
      #expect(await above.all() == ["active", "writable false", "writable true", "inactive"])
    }
  }

  @Test("a peer that goes away in mid-backlog closes the channel and fails what waited")
  func closeWhileWriting() async throws {
    try await withLoop { loop in
      let (channel, peer) = try SecurityTests.pair(on: loop) { _ in }
      await peer.shakeHands()
      let written = try await loop.submit { channel.writeAndFlush(ByteBuffer(bytes: MediaChannelTests.pattern(4_000_000))) }.get()
      _ = await peer.receive(1000)
      peer.peer.close()
      await #expect(throws: (any Error).self) { try await written.get() }
      try await channel.closeFuture.get()
      #expect(!channel.isActive && !channel.isWritable)
      await #expect(throws: (any Error).self) { try await channel.writeAndFlush(ByteBuffer(string: "late")).get() }
    }
  }

  @Test("a peer that goes away before the handshake fails what waited for it")
  func closeBeforeHandshake() async throws {
    try await withLoop { loop in
      let (channel, peer) = try SecurityTests.pair(on: loop) { _ in }
      let written = try await loop.submit { channel.writeAndFlush(ByteBuffer(string: "early")) }.get()
      peer.peer.close()
      await #expect(throws: (any Error).self) { try await written.get() }
      try await channel.closeFuture.get()
    }
  }

  @Test("a peer that ends its side in the middle of a record: what it sent is received before the channel closes")
  func halfOpen() async throws {
    try await withLoop { loop in
      let receiver = Records()
      let (channel, peer) = try SecurityTests.pair(on: loop) { $0.receiver = receiver }
      await peer.shakeHands()
      await peer.send([2, 7, 7, 5, 1])
      peer.peer.finishWriting()
      #expect(await receiver.first(1) == [[7, 7]])
      try await channel.closeFuture.get()
    }
  }

  @Test("closing from within the receiver: nothing more is handed over, whatever was decrypted", arguments: [false, true])
  func closeInReceiver(saysFarewell: Bool) async throws {
    try await withLoop { loop in
      // `@unchecked Sendable`: touched on the loop only.
      final class Closer: MediaReceiver, @unchecked Sendable {
        weak var channel: MediaChannel?
        var calls = 0
        func received(_ bytes: inout ByteBuffer) {
          calls += 1
          channel?.close(promise: nil)
          channel?.send(ByteBuffer(string: "too late"))
        }
      }
      let closer = Closer()
      let security: MediaChannel.Security = { _ in
        let cipher = ToyCipher()
        cipher.saysFarewell = saysFarewell
        return cipher
      }
      let (channel, peer) = try SecurityTests.pair(on: loop, security: security) { channel in
        closer.channel = channel
        channel.receiver = closer
      }
      await peer.shakeHands()
      // The cipher hands it over in pieces; the first closes.
      await peer.send(MediaChannelTests.pattern(50_000))
      if saysFarewell {
        #expect(await peer.peer.receive(4) == ToyCipher.farewell)
        await peer.peer.send(ToyCipher.farewell)
      }
      try await channel.closeFuture.get()
      #expect(await peer.peer.receive(1) == [])
      #expect(try await loop.submit { closer.calls }.get() == 1)
    }
  }

  @Test("what the security handler gives up closes the channel, is heard above, and what was whole before it was received")
  func errors() async throws {
    try await withLoop { loop in
      let (receiver, above) = (Records(), Listening())
      let security: MediaChannel.Security = { _ in
        let cipher = ToyCipher()
        cipher.breaksAt = 7
        return cipher
      }
      let (channel, peer) = try SecurityTests.pair(on: loop, security: security) { channel in
        channel.receiver = receiver
        try channel.pipeline.syncOperations.addHandler(above)
      }
      await peer.shakeHands()
      await peer.send([2, 1, 1, 3, 5, 5, 5, 1, 9])
      #expect(await receiver.first(2) == [[1, 1], [5, 5, 5]])
      try await channel.closeFuture.get()
      #expect(await above.all() == ["active", "error broken", "inactive"])
    }
  }

  @Test("a peer without the cipher's hello is closed and nothing of it is received")
  func noHello() async throws {
    try await withLoop { loop in
      let (receiver, above) = (Records(), Listening())
      let (channel, peer) = try SecurityTests.pair(on: loop) { channel in
        channel.receiver = receiver
        try channel.pipeline.syncOperations.addHandler(above)
      }
      await peer.peer.send([1, 1, 1, 1, 1, 1, 1, 1, 1, 1])
      try await channel.closeFuture.get()
      #expect(await above.all() == ["active", "error noHello", "inactive"])
      #expect(try await loop.submit { receiver.calls }.get() == 0)
    }
  }

  @Test("without a receiver decrypted bytes go through the pipeline, and what its handlers write is encrypted")
  func pipeline() async throws {
    try await withLoop { loop in
      final class PipelineEcho: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        func channelRead(context: ChannelHandlerContext, data: NIOAny) { context.writeAndFlush(data, promise: nil) }
      }
      let (_, peer) = try SecurityTests.pair(on: loop) { try $0.pipeline.syncOperations.addHandler(PipelineEcho()) }
      await peer.shakeHands()
      let bytes = MediaChannelTests.pattern(5000)
      await peer.send(bytes)
      #expect(await peer.receive(5000) == bytes)
    }
  }

  @Test("a channel that is closed is let go, plain or not", arguments: [false, true])
  func letGo(isSecured: Bool) async throws {
    try await withLoop { loop in
      weak var seen: MediaChannel?
      do {
        let (channel, peer) = try Peer.pair(on: loop, security: isSecured ? ToyCipher.make : nil) { channel in
          channel.receiver = Echo(channel)
        }
        seen = channel
        try await loop.submit { channel.send(ByteBuffer(bytes: [1, 2, 3])) }.get()
        try await channel.close()
        _ = peer
      }
      // What closing left to do has been done before the first of these, and let go before the second.
      for _ in 0..<2 { try await loop.submit {}.get() }
      #expect(seen == nil)
    }
  }

  @Test("a security handler that cannot be made closes the connection before anything is read")
  func cannotBeMade() async throws {
    try await withLoop { loop in
      let isSetUp = NIOLockedValueBox(false)
      let (channel, peer) = try Peer.pair(on: loop, security: { _ in throw Fault(.configInvalid, "certificate") }) { _ in
        isSetUp.withLockedValue { $0 = true }
      }
      try await channel.closeFuture.get()
      #expect(await peer.receive(1) == [])
      #expect(!isSetUp.withLockedValue { $0 })
    }
  }

  @Test("half closing is not supported, plain or not", arguments: [false, true])
  func halfClosing(isSecured: Bool) async throws {
    try await withLoop { loop in
      let (channel, peer) = try Peer.pair(on: loop, security: isSecured ? ToyCipher.make : nil) { _ in }
      await #expect(throws: ChannelError.operationUnsupported) { try await channel.close(mode: .output) }
      #expect(channel.isActive)
      peer.close()
    }
  }
}
