import FirstFrameTesting
import Gateway
import Model
import NIOConcurrencyHelpers
import NIOCore
import Testing
import Transport

@Suite("A gateway's connection", .timeLimit(.minutes(1)))
struct ConnectionTests {
  @Test("what the delegate leaves comes again with more behind it")
  func leftovers() async throws {
    try await Bench.with { bench in
      let line = try await bench.line()
      SocketPair.send([1, 2, 3, 4], to: line.far)
      await line.delegate.untilReceived()
      #expect(line.delegate.records == [[1, 2, 3]])
      SocketPair.send([5, 6, 7], to: line.far)
      await line.delegate.untilReceived()
      #expect(line.delegate.records == [[1, 2, 3], [4, 5, 6]])
    }
  }

  @Test("closing sends the last bytes first, and the delegate hears of the end once")
  func closes() async throws {
    try await Bench.with { bench in
      let line = try await bench.line()
      try await bench.on {
        line.connection.send(ByteBuffer(bytes: [1, 2]))
        line.connection.close(after: ByteBuffer(bytes: [3]))
        line.connection.close(after: ByteBuffer(bytes: [4]))
      }
      #expect(try await line.gather(on: bench.loop) == [1, 2, 3])
      await line.delegate.untilClosed()
      try await bench.settle()
      #expect(line.delegate.ends == [nil])
      #expect(try await bench.on { (line.connection.isClosing, line.connection.isWritable) } == (true, false))
    }
  }

  @Test("a peer that never reads is closed all the same, and nothing of it is read meanwhile")
  func neverReads() async throws {
    try await Bench.with { bench in
      let line = try await bench.line()
      try await bench.on {
        line.connection.send(ByteBuffer(repeating: 7, count: 4 << 20))
        line.connection.close(after: ByteBuffer(bytes: [1]))
      }
      #expect(try await bench.on { line.connection.isWritable } == false)
      SocketPair.send([1, 2, 3], to: line.far)
      try await bench.settle()
      #expect(line.delegate.ends.isEmpty, "it still waits for the peer")
      await line.delegate.untilClosed()
      #expect(line.delegate.calls == 0 && line.delegate.ends == [nil])
    }
  }

  @Test("a delegate that closes while it reads gets nothing more, not even what it left")
  func closesInside() async throws {
    try await Bench.with { bench in
      let line = try await bench.line()
      line.delegate.whenReceived { line.connection.close() }
      SocketPair.send([1, 2, 3, 4], to: line.far)
      await line.delegate.untilClosed()
      SocketPair.send([5, 6], to: line.far)
      try await bench.settle()
      #expect(line.delegate.records == [[1, 2, 3]] && line.delegate.calls == 1)
      // The closure holds the line, the delegate the closure.
      line.delegate.whenReceived {}
    }
  }

  @Test("a connection that breaks is told apart from one that ends")
  func breaks() async throws {
    try await Bench.with { bench in
      let broken = try await bench.line()
      // What the peer has not read when it closes resets the connection.
      try await bench.on { broken.connection.send(ByteBuffer(bytes: [1])) }
      broken.closeFar()
      await broken.delegate.untilClosed()
      #expect(broken.delegate.ends.count == 1 && broken.delegate.ends.first != .some(nil))
      let ended = try await bench.line()
      ended.closeFar()
      await ended.delegate.untilClosed()
      #expect(ended.delegate.ends == [nil])
    }
  }

  @Test("connection and delegate are let go with the channel")
  func released() async throws {
    try await Bench.with { bench in
      var line: Line? = try await bench.line()
      weak let connection = line?.connection
      weak let delegate = line?.delegate
      #expect(connection != nil)
      line?.closeFar()
      await line?.delegate.untilClosed()
      line = nil
      try await bench.settle()
      #expect(connection == nil && delegate == nil)
    }
  }

  @Test("a delegate whose channel is gone before it begins is let go too")
  func neverBegan() async throws {
    try await Bench.with { bench in
      let ends = try SocketPair.make()
      defer { SocketPair.close(ends.far) }
      let delegate = ToyDelegate()
      let failure = NIOLockedValueBox(false)
      let channel = MediaChannel.adopt(ends.near, on: bench.loop, queueLimit: 1000) { channel in
        channel.close(promise: nil)
        do { try GatewayConnection.attach(channel, bench.environment) { _ in delegate } } catch {
          failure.withLockedValue { $0 = true }
          throw error
        }
      }
      try await channel.closeFuture.get()
      await delegate.untilClosed()
      #expect(delegate.ends.count == 1 && delegate.ticks == 0)
    }
  }

  @Test("a listener makes a connection for each client, tells its peer's address, and closes all of them when it stops")
  func listener() async throws {
    try await Bench.with { bench in
      let settings = MediaListener.Settings(name: "toy", host: "127.0.0.1", port: 0, maximumConnections: 10, queueLimit: 1000)
      let delegate = ToyDelegate()
      let addresses = NIOLockedValueBox<[String]>([])
      let listener = try GatewayListener(settings, bench.environment) { connection in
        addresses.withLockedValue { $0.append("\(connection.remoteHost) \(connection.remoteAddress)") }
        return delegate
      }
      #expect(listener.listening.map(\.name) == ["toy"] && listener.listening.map(\.port) == [listener.port])
      let client = try await MediaChannel.connect(
        host: "127.0.0.1", port: listener.port, on: bench.loop, timeout: .seconds(5), queueLimit: 1000
      ) { _ in }.get()
      client.eventLoop.execute { client.send(ByteBuffer(bytes: [1, 2, 3])) }
      await delegate.untilReceived()
      let port = try #require(client.localAddress?.port)
      #expect(addresses.withLockedValue { $0 } == ["127.0.0.1 127.0.0.1:\(port)"])
      #expect(listener.connectionCount == 1)
      await listener.stop()
      await delegate.untilClosed()
      try await client.closeFuture.get()
      #expect(listener.connectionCount == 0)
    }
  }

  @Test("an IPv6 peer is shown in brackets")
  func addresses() throws {
    #expect(try SocketAddress(ipAddress: "2001:db8::7", port: 554).hostAndPort == "[2001:db8::7]:554")
    #expect(try SocketAddress(ipAddress: "10.1.2.3", port: 554).hostAndPort == "10.1.2.3:554")
    #expect(try SocketAddress(unixDomainSocketPath: "/tmp/x").hostAndPort == "?")
  }
}
