import FirstFrameTesting
import Foundation
import Journal
import Model
import NIOCore
import NIOEmbedded
import NIOPosix
import Synchronization
import Testing

@testable import Cascade

/// Keeps what happens on one end of a link.
private final class Observer: LinkDelegate {
  private struct State {
    var opened: LinkHandshake.Party?
    var messages: [LinkMessage] = []
    var closed: Fault?
    var refused: (node: String?, reason: Fault)?
  }

  private let state = Mutex(State())
  var peer: String? { state.withLock { $0.opened?.node } }
  var messages: [LinkMessage] { state.withLock { $0.messages } }
  var closed: Fault? { state.withLock { $0.closed } }
  var refused: (node: String?, reason: Fault)? { state.withLock { $0.refused } }

  func linkOpened(_ link: LinkChannel, peer: LinkHandshake.Party) { state.withLock { $0.opened = peer } }
  func linkReceived(_ message: LinkMessage, arrival: BootTime, on link: LinkChannel) { state.withLock { $0.messages.append(message) } }
  func linkClosed(_ link: LinkChannel, reason: Fault) { state.withLock { $0.closed = reason } }
  func linkRefused(_ link: LinkChannel, node: String?, reason: Fault) { state.withLock { $0.refused = (node, reason) } }
}

@Suite("A control link's connection", .serialized)
struct LinkChannelTests {
  private static let group = MultiThreadedEventLoopGroup.singleton
  private let folder = Sample.folder()
  private let lower: NodeIdentity
  private let upper: NodeIdentity
  private let peers: PeerStore

  init() throws {
    lower = try .temporary()
    upper = try .temporary()
    peers = try PeerStore(dataFolder: folder)
    try peers.remember("wukang", lower.publicKey)
  }

  private func eventually(_ condition: () -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(60)
    while !condition(), ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(2)) }
    #expect(condition())
  }

  /// The upper end on a port, and the lower end dialled to it.
  private func connect(
    _ above: Observer, _ below: Observer, expecting fingerprint: String? = nil, as identity: NodeIdentity? = nil
  ) async throws -> (server: any Channel, link: LinkChannel) {
    let server = try await ServerBootstrap(group: Self.group)
      .childChannelInitializer { [upper, peers] channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            LinkChannel(
              role: .upper(peers: peers) { _, _, answer in answer([9, 9]) }, identity: upper, node: "zhejiang", clock: SystemClock(),
              delegate: above))
        }
      }.bind(host: "127.0.0.1", port: 0).get()
    let link = LinkChannel(
      role: .lower(expected: fingerprint ?? upper.fingerprint), identity: identity ?? lower, node: "wukang", clock: SystemClock(),
      delegate: below)
    _ = try await ClientBootstrap(group: Self.group)
      .channelInitializer { channel in channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(link) } }
      .connect(host: "127.0.0.1", port: server.localAddress?.port ?? 0).get()
    return (server, link)
  }

  @Test("opens when both ends have proven who they are, carries messages in order, and closes for both")
  func opens() async throws {
    let (above, below) = (Observer(), Observer())
    let (server, link) = try await connect(above, below)
    try await eventually { above.peer == "wukang" && below.peer == "zhejiang" }
    let sent = (0..<100).map { LinkMessage.closed(incident: "i\($0)") }
    for message in sent { link.send(message) }
    try await eventually { above.messages.count == sent.count }
    #expect(above.messages == sent)
    link.close(Fault(.streamEnded, "test"))
    try await eventually { above.closed != nil && below.closed != nil }
    #expect(below.closed == Fault(.streamEnded, "test"))
    #expect(above.closed?.code == .peerUnreachable)
    // On a closed link nothing is sent, and nobody is told twice.
    link.send(.closed(incident: "late"))
    link.close(Fault(.streamBusy))
    #expect(below.closed == Fault(.streamEnded, "test"))
    try await server.close()
  }

  @Test("is closed by name for a node that was never paired, and for an upper node with another key")
  func strangers() async throws {
    let (above, below) = (Observer(), Observer())
    let (server, _) = try await connect(above, below, as: .temporary())
    try await eventually { above.closed != nil }
    #expect(above.closed?.code == .peerKeyMismatch && above.peer == nil)
    #expect(above.refused?.node == "wukang" && above.refused?.reason.code == .peerKeyMismatch)
    try await server.close()
    let (wary, other) = (Observer(), Observer())
    let (second, _) = try await connect(other, wary, expecting: String(repeating: "0", count: 64))
    try await eventually { wary.closed != nil }
    #expect(wary.closed?.code == .peerKeyMismatch && wary.peer == nil)
    try await second.close()
  }

  @Test("answers a pairing request in clear and ends there")
  func pairing() async throws {
    let above = Observer()
    let (server, link) = try await connect(above, Observer())
    link.close(Fault(.streamEnded))
    let answer = Mutex<[UInt8]>([])
    let client = try await ClientBootstrap(group: Self.group)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Reader { bytes in answer.withLock { $0 += bytes } }) }
      }.connect(host: "127.0.0.1", port: server.localAddress?.port ?? 0).get()
    var out = ByteBuffer()
    LinkFrame.write(Array(#"{"type":"pair","v":1}"#.utf8), into: &out)
    try await client.writeAndFlush(out).get()
    try await client.closeFuture.get()
    #expect(answer.withLock { $0 } == [0, 0, 0, 2, 9, 9])
    try await server.close()
  }

  @Test("a stranger's frame is small: a longer one ends the connection before it is held, and who leaves by himself is not refused")
  func bounded() async throws {
    let (above, gone) = (Observer(), Observer())
    let (server, link) = try await connect(gone, Observer())
    try await eventually { gone.peer != nil }
    link.close(Fault(.streamEnded))
    try await eventually { gone.closed != nil }
    #expect(gone.refused == nil)
    let channel = await NIOAsyncTestingChannel(
      handler: LinkChannel(role: .upper(peers: peers) { _, _, _ in }, identity: upper, node: "zhejiang", clock: SystemClock(), delegate: above))
    try await channel.connect(to: try SocketAddress(ipAddress: "10.0.0.9", port: 5))
    var half = ByteBuffer(integer: UInt32(1 << 20))
    half.writeRepeatingByte(1, count: 1000)
    try await channel.writeInbound(half)
    try await channel.closeFuture.get()
    #expect(above.refused?.reason.code == .linkMalformed)
    let empty = Observer()
    let silent = await NIOAsyncTestingChannel(
      handler: LinkChannel(role: .upper(peers: peers) { _, _, _ in }, identity: upper, node: "zhejiang", clock: SystemClock(), delegate: empty))
    try await silent.connect(to: try SocketAddress(ipAddress: "10.0.0.9", port: 5))
    try await silent.writeInbound(ByteBuffer(bytes: [0, 0, 0, 9, 1]))
    await silent.testingEventLoop.advanceTime(by: LinkChannel.handshakeTime)
    try await silent.closeFuture.get()
    #expect(empty.refused?.reason.code == .handshakeTimeout)
    try await server.close()
  }

  @Test("never traps on what a stranger sends, and closes", arguments: 0..<4)
  func hostile(seed: UInt64) async throws {
    var mutator = Mutator(seed: seed)
    var caller = LinkHandshake(isLower: true, identity: lower, node: "wukang", boot: "b")
    let hello = caller.makeHello()
    let above = Observer()
    let (server, link) = try await connect(above, Observer())
    for _ in 0..<20 {
      let client = try await ClientBootstrap(group: Self.group).connect(host: "127.0.0.1", port: server.localAddress?.port ?? 0).get()
      var out = ByteBuffer()
      LinkFrame.write(hello, into: &out)
      LinkFrame.write([1, 2, 3], into: &out)
      out = ByteBuffer(bytes: mutator.mutate(Array(out.readableBytesView)))
      try? await client.writeAndFlush(out).get()
      try? await client.close().get()
    }
    // The link that stood goes on.
    link.send(.closed(incident: "i1"))
    try await eventually { above.messages.contains(.closed(incident: "i1")) }
    link.close(Fault(.streamEnded))
    try await server.close()
  }

  private final class Reader: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    private let read: @Sendable ([UInt8]) -> Void
    init(_ read: @escaping @Sendable ([UInt8]) -> Void) { self.read = read }
    func channelRead(context: ChannelHandlerContext, data: NIOAny) { read(Array(unwrapInboundIn(data).readableBytesView)) }
  }
}
