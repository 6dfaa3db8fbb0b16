import Dispatch
import Glibc
import Logging
import Model
import NIOConcurrencyHelpers
import NIOCore
import Testing
import Transport

@Suite("A connection on a media loop")
struct MediaChannelTests {
  /// Bytes that tell their place.
  static func pattern(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ ($0 >> 8) &* 7) } }

  @Test("what a receiver leaves comes again with more behind it")
  func leftovers() async throws {
    try await withLoop { loop in
      let receiver = Records()
      let (_, peer) = try Peer.pair(on: loop) { $0.receiver = receiver }
      let records = (1...40).map { number in [UInt8](repeating: UInt8(number), count: number) }
      let bytes = records.flatMap { [UInt8($0.count)] + $0 }
      // Cut everywhere: one byte at a time at first, then in threes.
      for byte in bytes.prefix(60) { await peer.send([byte]) }
      for start in stride(from: 60, to: bytes.count, by: 3) { await peer.send(Array(bytes[start..<min(start + 3, bytes.count)])) }
      #expect(await receiver.first(records.count) == records)
    }
  }

  @Test("two connections that share the loop's storage keep their own leftovers")
  func twoConnections() async throws {
    try await withLoop { loop in
      let (left, right) = (Records(), Records())
      let (_, leftPeer) = try Peer.pair(on: loop) { $0.receiver = left }
      let (_, rightPeer) = try Peer.pair(on: loop) { $0.receiver = right }
      await leftPeer.send([4, 1, 1])
      await rightPeer.send([3, 2])
      await leftPeer.send([1, 1, 1, 9])
      await rightPeer.send([2, 2, 1, 8])
      #expect(await left.first(2) == [[1, 1, 1, 1], [9]])
      #expect(await right.first(2) == [[2, 2, 2], [8]])
    }
  }

  @Test("a reader that stops reading makes the channel unwritable, and gets every byte in order once it reads again")
  func slowReader() async throws {
    try await withLoop { loop in
      // `@unchecked Sendable`: touched on the loop only.
      final class Watch: ChannelInboundHandler, @unchecked Sendable {
        typealias InboundIn = ByteBuffer
        var changes: [Bool] = []
        func channelWritabilityChanged(context: ChannelHandlerContext) { changes.append(context.channel.isWritable) }
      }
      let watch = Watch()
      let (channel, peer) = try Peer.pair(on: loop, queueLimit: 200_000) { try $0.pipeline.syncOperations.addHandler(watch) }
      let all = MediaChannelTests.pattern(3_000_000)
      // All at once and far beyond what the socket takes, the last with a promise.
      let written = try await loop.submit {
        for start in stride(from: 0, to: all.count - 10_000, by: 10_000) { channel.send(ByteBuffer(bytes: all[start..<start + 10_000])) }
        return channel.writeAndFlush(ByteBuffer(bytes: all.suffix(10_000)))
      }.get()
      let isWritableNow = try await loop.submit { channel.isWritable }.get()
      #expect(!isWritableNow)
      #expect(await peer.receive(all.count) == all)
      try await written.get()
      let (isWritable, changes) = try await loop.submit { (channel.isWritable, watch.changes) }.get()
      #expect(isWritable)
      #expect(changes == [false, true])
    }
  }

  @Test("an empty write behind a backlog is fulfilled after it")
  func emptyWrite() async throws {
    try await withLoop { loop in
      let (channel, peer) = try Peer.pair(on: loop) { _ in }
      let all = MediaChannelTests.pattern(2_000_000)
      let last = try await loop.submit {
        channel.send(ByteBuffer(bytes: all))
        return channel.writeAndFlush(ByteBuffer())
      }.get()
      let isDone = NIOLockedValueBox(false)
      last.whenComplete { _ in isDone.withLockedValue { $0 = true } }
      try await loop.submit {}.get()
      #expect(!isDone.withLockedValue { $0 })
      #expect(await peer.receive(all.count).count == all.count)
      try await last.get()
    }
  }

  @Test("a peer that goes away in mid-backlog closes the channel and fails what waited")
  func closeWhileWriting() async throws {
    try await withLoop { loop in
      let (channel, peer) = try Peer.pair(on: loop) { _ in }
      let written = try await loop.submit { channel.writeAndFlush(ByteBuffer(bytes: MediaChannelTests.pattern(4_000_000))) }.get()
      _ = await peer.receive(1000)
      peer.close()
      await #expect(throws: (any Error).self) { try await written.get() }
      try await channel.closeFuture.get()
      #expect(!channel.isActive && !channel.isWritable)
      await #expect(throws: (any Error).self) { try await channel.writeAndFlush(ByteBuffer(string: "late")).get() }
    }
  }

  @Test("a peer that ends its side is gone: its last bytes are received before the channel closes")
  func halfOpen() async throws {
    try await withLoop { loop in
      let receiver = Records()
      let (channel, peer) = try Peer.pair(on: loop) { $0.receiver = receiver }
      await peer.send([2, 7, 7, 5, 1])
      peer.finishWriting()
      #expect(await receiver.first(1) == [[7, 7]])
      try await channel.closeFuture.get()
    }
  }

  @Test("a connection that breaks while it is written to closes after the round, not within it")
  func breaks() async throws {
    try await withLoop { loop in
      let listener = try MediaListener.start(
        MediaListener.Settings(name: "test", host: "127.0.0.1", port: 0, maximumConnections: 4, queueLimit: 1 << 20), loops: nil,
        logger: Logger(label: "test")
      ) { channel in
        final class Bomb: MediaReceiver {
          unowned let channel: MediaChannel
          init(_ channel: MediaChannel) { self.channel = channel }
          // Answers what came with so much that a peer which has gone is noticed in the sending.
          func received(_ bytes: inout ByteBuffer) {
            bytes.clear()
            for _ in 0..<64 { channel.send(ByteBuffer(repeating: 1, count: 100_000)) }
            precondition(channel.isActive, "closed in the middle of a round")
          }
        }
        channel.receiver = Bomb(channel)
      }
      for _ in 0..<20 {
        let peer = try await Peer.connect(listener.port)
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        setsockopt(peer.descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        await peer.send([1])
        peer.close()
      }
      await listener.stop()
      #expect(listener.connectionCount == 0)
      _ = loop
    }
  }

  @Test("closing from within the receiver ends the connection there and then, and what is left is not handed over")
  func closeInReceiver() async throws {
    try await withLoop { loop in
      // `@unchecked Sendable`: touched on the loop only.
      final class Closer: MediaReceiver, @unchecked Sendable {
        var channel: MediaChannel?
        var calls = 0
        func received(_ bytes: inout ByteBuffer) {
          calls += 1
          channel?.close(promise: nil)
        }
      }
      let closer = Closer()
      let (channel, peer) = try Peer.pair(on: loop) { channel in
        closer.channel = channel
        channel.receiver = closer
      }
      await peer.send([1, 2, 3])
      try await channel.closeFuture.get()
      #expect(await peer.receive(1) == [])
      let calls = try await loop.submit {
        closer.channel = nil
        return closer.calls
      }.get()
      #expect(calls == 1)
    }
  }

  @Test("a slice that is kept is not written over by what comes later")
  func keptSlices() async throws {
    try await withLoop { loop in
      // `@unchecked Sendable`: touched on the loop only.
      final class Keeper: MediaReceiver, @unchecked Sendable {
        var kept: [ByteBuffer] = []
        let (all, continuation) = AsyncStream.makeStream(of: Int.self)
        func received(_ bytes: inout ByteBuffer) {
          kept.append(bytes.readSlice(length: bytes.readableBytes) ?? ByteBuffer())
          continuation.yield(kept.reduce(0) { $0 + $1.readableBytes })
        }
      }
      let keeper = Keeper()
      let (_, peer) = try Peer.pair(on: loop) { $0.receiver = keeper }
      let all = MediaChannelTests.pattern(500_000)
      for start in stride(from: 0, to: all.count, by: 50_000) { await peer.send(Array(all[start..<start + 50_000])) }
      for await count in keeper.all where count == all.count { break }
      let kept = try await loop.submit { keeper.kept.flatMap { Array($0.readableBytesView) } }.get()
      #expect(kept == all)
    }
  }

  @Test("without a receiver bytes go through the pipeline")
  func pipeline() async throws {
    try await withLoop { loop in
      final class Echo: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        func channelRead(context: ChannelHandlerContext, data: NIOAny) { context.writeAndFlush(data, promise: nil) }
      }
      let (_, peer) = try Peer.pair(on: loop) { try $0.pipeline.syncOperations.addHandler(Echo()) }
      await peer.send([1, 2, 3, 4])
      #expect(await peer.receive(4) == [1, 2, 3, 4])
    }
  }
}
