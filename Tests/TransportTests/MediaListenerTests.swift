import Glibc
import Logging
import Model
import NIOCore
import Testing
import Transport

@Suite("A port whose connections are media channels")
struct MediaListenerTests {
  private func start(_ limit: Int = 8, loops: MediaLoops? = nil, setUp: @escaping @Sendable (MediaChannel) throws -> Void) throws -> MediaListener {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return try MediaListener.start(
      MediaListener.Settings(name: "test", host: "127.0.0.1", port: 0, maximumConnections: limit, queueLimit: 1 << 20), loops: loops, logger: logger,
      setUp: setUp)
  }

  static var descriptors: Int {
    var count = 0
    for descriptor in (0 as CInt)..<4096 where fcntl(descriptor, F_GETFD) >= 0 { count += 1 }
    return count
  }

  @Test("both ends of a connection are known, and the kernel's figures can be asked for")
  func addresses() async throws {
    let (told, continuation) = AsyncStream.makeStream(of: MediaChannel.self)
    let listener = try start { continuation.yield($0) }
    let peer = try await Peer.connect(listener.port)
    for await channel in told {
      #expect(channel.localAddress?.port == Int(listener.port))
      #expect(channel.remoteAddress?.ipAddress == "127.0.0.1")
      let info = try await channel.getTCPInfo().get()
      #expect(info.tcpi_snd_mss > 0)
      break
    }
    peer.close()
    await listener.stop()
  }

  @Test("connections beyond the limit are closed at once, and there is room again when one has gone")
  func limit() async throws {
    let (told, continuation) = AsyncStream.makeStream(of: MediaChannel.self)
    let listener = try start(2) { continuation.yield($0) }
    var channels = told.makeAsyncIterator()
    let first = try await Peer.connect(listener.port)
    let one = await channels.next()
    let second = try await Peer.connect(listener.port)
    _ = await channels.next()
    let third = try await Peer.connect(listener.port)
    #expect(await third.receive(1) == [])
    #expect(listener.connectionCount == 2)
    first.close()
    try await one?.closeFuture.get()
    let fourth = try await Peer.connect(listener.port)
    #expect(await channels.next() != nil)
    await listener.stop()
    #expect(await second.receive(1) == [])
    #expect(await fourth.receive(1) == [])
    #expect(listener.connectionCount == 0)
  }

  @Test("where there is no room a stranger makes it, one that is known does not, and room comes back")
  func guarded() async throws {
    let (told, continuation) = AsyncStream.makeStream(of: MediaChannel.self)
    var settings = MediaListener.Settings(name: "test", host: "127.0.0.1", port: 0, maximumConnections: 100, queueLimit: 1 << 20)
    let guardian = ConnectionGuard(ConnectionLimits(total: 2))
    settings.connections = guardian
    let listener = try MediaListener.start(settings, loops: nil, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) {
      continuation.yield($0)
    }
    var channels = told.makeAsyncIterator()
    let publisher = try await Peer.connect(listener.port)
    let known = try #require(await channels.next())
    try await known.eventLoop.submit { known.ticket?.known() }.get()
    let stranger = try await Peer.connect(listener.port)
    _ = await channels.next()
    let next = try await Peer.connect(listener.port)
    let last = try #require(await channels.next())
    #expect(await stranger.receive(1) == [], "it makes room")
    try await last.eventLoop.submit { last.ticket?.known() }.get()
    let beyond = try await Peer.connect(listener.port)
    #expect(await beyond.receive(1) == [], "nobody is a stranger")
    #expect(guardian.figures == ConnectionGuard.Figures(standing: 2, refused: 1, shed: 1))
    next.close()
    try await last.closeFuture.get()
    let again = try await Peer.connect(listener.port)
    #expect(await channels.next() != nil)
    await listener.stop()
    #expect(await publisher.receive(1) == [])
    #expect(await again.receive(1) == [])
    #expect(guardian.figures.standing == 0)
  }

  @Test("several sockets accept on one port, and none once it has stopped")
  func severalListeners() async throws {
    var settings = MediaListener.Settings(name: "test", host: "127.0.0.1", port: 0, maximumConnections: 100, queueLimit: 1 << 20)
    settings.listeners = 4
    let (told, continuation) = AsyncStream.makeStream(of: MediaChannel.self)
    let listener = try MediaListener.start(settings, loops: nil, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) {
      continuation.yield($0)
    }
    // Who has not asked to share the port does not get it.
    settings.listeners = 1
    settings.port = listener.port
    let alone = settings
    #expect(throws: Fault.self) { _ = try MediaListener.start(alone, loops: nil, logger: Logger(label: "test")) { _ in } }
    var peers: [Peer] = []
    for _ in 0..<64 { peers.append(try await Peer.connect(listener.port)) }
    var channels = told.makeAsyncIterator()
    for _ in peers { #expect(await channels.next()?.localAddress?.port == Int(listener.port)) }
    #expect(listener.connectionCount == 64)
    await listener.stop()
    for peer in peers { #expect(await peer.receive(1) == []) }
    await #expect(throws: Fault.self) { _ = try await Peer.connect(listener.port) }
  }

  @Test("a set-up that fails closes the connection")
  func failingSetUp() async throws {
    let listener = try start { _ in throw Fault(.transportUnsupported) }
    let peer = try await Peer.connect(listener.port)
    #expect(await peer.receive(1) == [])
    await listener.stop()
    #expect(listener.connectionCount == 0)
  }

  @Test("a port that is taken is told")
  func taken() async throws {
    let listener = try start { _ in }
    let settings = MediaListener.Settings(name: "test", host: "127.0.0.1", port: listener.port, maximumConnections: 1, queueLimit: 1)
    let fault: Fault?
    do throws(Fault) {
      _ = try MediaListener.start(settings, loops: nil, logger: Logger(label: "test")) { _ in }
      fault = nil
    } catch {
      fault = error
    }
    #expect(fault?.code == .portInUse)
    await listener.stop()
  }

  @Test("four hundred connections that come and go leave no descriptor behind")
  func churn() async throws {
    let loops = try MediaLoops(count: 1)
    let listener = try start(1000, loops: loops) { channel in
      final class Echo: MediaReceiver {
        unowned let channel: MediaChannel
        init(_ channel: MediaChannel) { self.channel = channel }
        func received(_ bytes: inout ByteBuffer) {
          channel.send(bytes)
          bytes.moveReaderIndex(to: bytes.writerIndex)
        }
      }
      channel.receiver = Echo(channel)
    }
    let before = MediaListenerTests.descriptors
    for round in 0..<20 {
      var peers: [Peer] = []
      for _ in 0..<20 { peers.append(try await Peer.connect(listener.port)) }
      for (number, peer) in peers.enumerated() {
        await peer.send([UInt8(round), UInt8(number)])
        #expect(await peer.receive(2) == [UInt8(round), UInt8(number)])
      }
      for peer in peers { peer.close() }
    }
    await listener.stop()
    #expect(listener.connectionCount == 0)
    // Other tests have descriptors of their own at the same time.
    #expect(MediaListenerTests.descriptors < before + 100)
    try await loops.shutdownGracefully()
  }
}
