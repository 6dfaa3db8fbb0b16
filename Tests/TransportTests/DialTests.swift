import Dispatch
import Glibc
import Logging
import Model
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import Transport

@Suite("Connections that are dialled", .serialized)
struct DialTests {
  private static func target(
    _ host: String, _ port: UInt16, setUp: @escaping @Sendable (MediaChannel) throws -> Void = { _ in }
  ) -> Dial.Target {
    Dial.Target(host: host, port: port, queueLimit: 1 << 20, security: nil, setUp: setUp)
  }

  private static func fault(_ dialled: EventLoopFuture<MediaChannel>) async -> Fault? {
    do {
      _ = try await dialled.get()
      return nil
    } catch {
      return error as? Fault
    }
  }

  private static let noResolver: NameLookup.Resolver = { _, _ in
    Issue.record("asked for a name")
    return []
  }

  /// Listens and echoes what comes.
  private static func withEcho(_ body: (MediaListener) async throws -> Void) async throws {
    let settings = MediaListener.Settings(name: "test", host: "127.0.0.1", port: 0, maximumConnections: 1000, queueLimit: 1 << 20)
    let listener = try MediaListener.start(settings, loops: nil, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) { channel in
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
    do {
      try await body(listener)
      await listener.stop()
    } catch {
      await listener.stop()
      throw error
    }
  }

  /// A port at which nobody listens, for as long as the socket is held.
  private final class ClosedPort {
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    let port: UInt16

    init(host: String = "127.0.0.1", port: UInt16 = 0) throws {
      let address = try SocketAddress(ipAddress: host, port: Int(port))
      let descriptor = descriptor
      let answer = address.withSockAddr { bind(descriptor, $0, socklen_t($1)) }
      guard answer == 0, let bound = SocketAddresses.local(of: descriptor)?.port else { throw Fault(.portInUse) }
      self.port = UInt16(bound)
    }

    deinit { close(descriptor) }
  }

  /// A port that answers nobody: the one place of its backlog is taken.
  private struct BlackHole {
    let closed: ClosedPort
    let first: Peer
    var port: UInt16 { closed.port }

    static func make(host: String = "127.0.0.1", port: UInt16 = 0) async throws -> BlackHole {
      let closed = try ClosedPort(host: host, port: port)
      guard listen(closed.descriptor, 0) == 0 else { throw Fault(.portInUse) }
      return BlackHole(closed: closed, first: try await Peer.connect(closed.port, host: host))
    }
  }

  @Test("a dialled channel is like an accepted one: set up before it reads, both ends known, bytes both ways, kernel figures")
  func dials() async throws {
    try await withLoop { loop in
      try await DialTests.withEcho { listener in
        let receiver = Records()
        let channel = try await MediaChannel.connect(
          host: "127.0.0.1", port: listener.port, on: loop, timeout: .seconds(10), queueLimit: 1 << 20
        ) { channel in
          precondition(!channel.isActive && channel.eventLoop.inEventLoop)
          channel.receiver = receiver
        }.get()
        #expect(channel.isActive && channel.isWritable)
        #expect(channel.remoteAddress?.port == Int(listener.port))
        #expect(channel.localAddress?.ipAddress == "127.0.0.1")
        #expect(channel.loop === loop)
        try await loop.submit { channel.send(ByteBuffer(bytes: [3, 1, 2, 3, 1, 9])) }.get()
        #expect(await receiver.first(2) == [[1, 2, 3], [9]])
        #expect(try await channel.getTCPInfo().get().tcpi_snd_mss > 0)
        try await channel.close()
      }
    }
  }

  @Test("a name is looked up, and a loop that dials is free meanwhile")
  func name() async throws {
    try await withLoop { loop in
      try await DialTests.withEcho { listener in
        let here = try SocketAddress(ipAddress: "127.0.0.1", port: Int(listener.port))
        let isOpen = DispatchSemaphore(value: 0)
        let (asked, asking) = AsyncStream<Void>.makeStream()
        let dialled = MediaChannel.connect(DialTests.target("camera.test", listener.port), on: loop, timeout: .seconds(10)) { host, port in
          #expect(port == listener.port)
          #expect(host == "camera.test" && !loop.inEventLoop)
          asking.yield()
          isOpen.wait()
          return [here]
        }
        for await _ in asked { break }
        // The look-up stands; the loop does not.
        let answer = try await loop.submit { 7 }.get()
        #expect(answer == 7)
        isOpen.signal()
        #expect(try await dialled.get().isActive)
        // And by the machine's own hosts file.
        let local = MediaChannel.connect(host: "localhost", port: listener.port, on: loop, timeout: .seconds(10), queueLimit: 1) { _ in }
        #expect(try await local.get().isActive)
      }
    }
  }

  @Test("a port where nobody listens is told with host, port and the kernel's reason")
  func refused() async throws {
    try await withLoop { loop in
      let closed = try ClosedPort()
      let fault = await DialTests.fault(
        MediaChannel.connect(DialTests.target("127.0.0.1", closed.port), on: loop, timeout: .seconds(10), resolver: DialTests.noResolver))
      #expect(fault == Fault(.peerUnreachable, "127.0.0.1:\(closed.port): Connection refused"))
    }
  }

  @Test("a name that does not exist fails with the resolver's reason")
  func unknownName() async throws {
    try await withLoop { loop in
      let dialled = MediaChannel.connect(DialTests.target("nowhere.test", 554), on: loop, timeout: .seconds(10)) { _, _ throws(Fault) in
        throw Fault(.peerUnreachable, "no such name")
      }
      #expect(await DialTests.fault(dialled) == Fault(.peerUnreachable, "nowhere.test:554: no such name"))
      let none = MediaChannel.connect(DialTests.target("empty.test", 554), on: loop, timeout: .seconds(10)) { _, _ in [] }
      #expect(await DialTests.fault(none) == Fault(.peerUnreachable, "empty.test:554: the name has no address"))
      // The system's own refuses this without asking anybody.
      do throws(Fault) {
        _ = try NameLookup.system("", 554)
        Issue.record("an empty name has addresses")
      } catch {
        #expect(error.code == .peerUnreachable && !error.detail.isEmpty)
      }
    }
  }

  @Test("a peer that does not answer ends at the deadline, and leaves no descriptor")
  func blackHole() async throws {
    try await withLoop { loop in
      let hole = try await BlackHole.make()
      let began = NIODeadline.now()
      let dialled = MediaChannel.connect(
        DialTests.target("127.0.0.1", hole.port), on: loop, timeout: .milliseconds(100), resolver: DialTests.noResolver)
      let fault = await DialTests.fault(dialled)
      #expect(fault == Fault(.peerUnreachable, "127.0.0.1:\(hole.port): no answer in 0.1 s"))
      #expect(NIODeadline.now() - began >= .milliseconds(100))
    }
  }

  @Test("the addresses of a name are tried in turn; when none answers each one's reason is told")
  func severalAddresses() async throws {
    try await withLoop { loop in
      try await DialTests.withEcho { listener in
        let closed = try ClosedPort(host: "127.0.0.2", port: listener.port)
        let both = try ["127.0.0.2", "127.0.0.1"].map { try SocketAddress(ipAddress: $0, port: Int(listener.port)) }
        let channel = try await MediaChannel.connect(DialTests.target("two.test", listener.port), on: loop, timeout: .seconds(10)) { _, _ in both }
          .get()
        #expect(channel.remoteAddress?.ipAddress == "127.0.0.1")
        let none = try ["127.0.0.2", "127.0.0.3"].map { try SocketAddress(ipAddress: $0, port: Int(listener.port)) }
        let fault = await DialTests.fault(
          MediaChannel.connect(DialTests.target("none.test", listener.port), on: loop, timeout: .seconds(10)) { _, _ in none })
        let reasons = "127.0.0.2 Connection refused; 127.0.0.3 Connection refused"
        #expect(fault == Fault(.peerUnreachable, "none.test:\(listener.port): \(reasons)"))
        withExtendedLifetime(closed) {}
      }
    }
  }

  @Test("an address that does not answer leaves the next one its share of the time")
  func shares() async throws {
    try await withLoop { loop in
      try await DialTests.withEcho { listener in
        let hole = try await BlackHole.make(host: "127.0.0.2", port: listener.port)
        let both = try ["127.0.0.2", "127.0.0.1"].map { try SocketAddress(ipAddress: $0, port: Int(listener.port)) }
        let began = NIODeadline.now()
        let channel = try await MediaChannel.connect(DialTests.target("two.test", listener.port), on: loop, timeout: .seconds(2)) { _, _ in both }
          .get()
        #expect(channel.remoteAddress?.ipAddress == "127.0.0.1")
        #expect(NIODeadline.now() - began >= .milliseconds(990))
        withExtendedLifetime(hole) {}
      }
    }
  }

  @Test("a look-up that hangs ends at the deadline; one that nobody waits for any more is not made")
  func hangingLookup() async throws {
    try await withLoop { loop in
      let gate = DispatchSemaphore(value: 0)
      let (asked, asking) = AsyncStream<String>.makeStream()
      let names = NIOLockedValueBox<[String]>([])
      let hang: NameLookup.Resolver = { host, _ in
        names.withLockedValue { $0.append(host) }
        asking.yield(host)
        gate.wait()
        return []
      }
      func dial(_ host: String) -> EventLoopFuture<MediaChannel> {
        MediaChannel.connect(DialTests.target(host, 554), on: loop, timeout: .milliseconds(50), resolver: hang)
      }
      // As many as there are threads, then one that has to wait for its turn.
      let hanging = (0..<4).map { dial("hangs\($0).test") }
      for await _ in asked where names.withLockedValue({ $0.count }) == 4 { break }
      let waiting = dial("waits.test")
      for dialled in hanging + [waiting] {
        #expect(await DialTests.fault(dialled)?.detail.hasSuffix("no answer in 0.05 s") == true)
      }
      // The next one comes after it in the pool's queue.
      let last = MediaChannel.connect(DialTests.target("last.test", 554), on: loop, timeout: .seconds(10)) { _, _ throws(Fault) in
        throw Fault(.peerUnreachable, "last")
      }
      for _ in 0..<5 { gate.signal() }
      #expect(await DialTests.fault(last)?.detail == "last.test:554: last")
      #expect(!names.withLockedValue { $0.contains("waits.test") })
    }
  }

  @Test("a set-up that fails closes the connection and is told as it is")
  func failingSetUp() async throws {
    try await withLoop { loop in
      try await DialTests.withEcho { listener in
        let (channels, continuation) = AsyncStream.makeStream(of: MediaChannel.self)
        let target = DialTests.target("127.0.0.1", listener.port) { channel in
          continuation.yield(channel)
          throw Fault(.codecUnsupported, "set-up")
        }
        let fault = await DialTests.fault(MediaChannel.connect(target, on: loop, timeout: .seconds(10), resolver: DialTests.noResolver))
        #expect(fault == Fault(.codecUnsupported, "set-up"))
        for await channel in channels {
          try await channel.closeFuture.get()
          break
        }
        let other = DialTests.target("127.0.0.1", listener.port) { _ in throw ChannelError.inputClosed }
        let second = await DialTests.fault(MediaChannel.connect(other, on: loop, timeout: .seconds(10), resolver: DialTests.noResolver))
        #expect(second?.code == .peerUnreachable)
      }
    }
  }

  @Test("a loop that stops ends what it was dialling")
  func stops() async throws {
    let loops = try MediaLoops(count: 1)
    let hole = try await BlackHole.make()
    let gate = DispatchSemaphore(value: 0)
    let (told, continuation) = AsyncStream.makeStream(of: String.self)
    let connecting = MediaChannel.connect(
      DialTests.target("127.0.0.1", hole.port), on: loops.nextLoop(), timeout: .seconds(100), resolver: DialTests.noResolver)
    let asking = MediaChannel.connect(DialTests.target("name.test", 554), on: loops.nextLoop(), timeout: .seconds(100)) { _, _ in
      gate.wait()
      return []
    }
    for dialled in [connecting, asking] { dialled.whenFailure { continuation.yield(($0 as? Fault)?.detail ?? "\($0)") } }
    try await loops.nextLoop().submit {}.get()
    try await loops.shutdownGracefully()
    gate.signal()
    continuation.finish()
    var seen: [String] = []
    for await one in told { seen.append(one) }
    #expect(seen.sorted() == ["127.0.0.1:\(hole.port): the loop has stopped", "name.test:554: the loop has stopped"])
  }

  @Test("four hundred connections that are dialled, refused or broken off leave no descriptor behind")
  func churn() async throws {
    let loops = try MediaLoops(count: 2)
    try await DialTests.withEcho { listener in
      let closed = try ClosedPort()
      let before = MediaListenerTests.descriptors
      for _ in 0..<10 {
        let dialled = (0..<20).map { _ in
          MediaChannel.connect(host: "127.0.0.1", port: listener.port, on: loops.nextLoop(), timeout: .seconds(10), queueLimit: 1000) { _ in }
        }
        let refused = (0..<20).map { _ in
          MediaChannel.connect(host: "127.0.0.1", port: closed.port, on: loops.nextLoop(), timeout: .seconds(10), queueLimit: 1000) { _ in }
        }
        for one in dialled { try await one.get().close() }
        for one in refused { #expect(await DialTests.fault(one) != nil) }
      }
      while listener.connectionCount > 0 { await Task.yield() }
      // Other tests have descriptors of their own at the same time.
      #expect(MediaListenerTests.descriptors < before + 100)
    }
    try await loops.shutdownGracefully()
  }
}
