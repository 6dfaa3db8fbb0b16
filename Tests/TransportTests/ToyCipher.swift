import FirstFrameTesting
import NIOCore

@testable import Transport

/// A cipher that hides nothing from anybody but needs both sides to be exact: each side says hello with its key, then each byte is mixed with
/// a counter that never stops. One byte lost, doubled or out of order spoils all that follow.
struct ToyKeyStream {
  static let magic: [UInt8] = [0x54, 0x4F, 0x59, 0x31]

  let key: [UInt8]
  private(set) var position = 0

  init(key: [UInt8]) { self.key = key }

  var hello: [UInt8] { ToyKeyStream.magic + key }

  mutating func mix(_ bytes: [UInt8]) -> [UInt8] {
    bytes.map { byte in
      defer { position += 1 }
      return byte ^ key[position % 4] ^ UInt8(truncatingIfNeeded: position &* 31 &+ (position >> 8))
    }
  }
}

/// The toy cipher as a security handler: what is written before the peer's hello waits, and what is decrypted comes in pieces of any size.
///
/// `@unchecked Sendable`: touched on the channel's loop only.
final class ToyCipher: ChannelDuplexHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  enum Failure: Error { case noHello, broken }

  /// The farewell of ``saysFarewell``.
  static let farewell: [UInt8] = [0x42, 0x59, 0x45, 0x21]

  /// Fails at this byte of what is received.
  var breaksAt: Int?
  /// Closing says a word and waits for the peer's, as TLS does.
  var saysFarewell = false
  private var out = ToyKeyStream(key: [1, 2, 3, 4])
  private var incoming: ToyKeyStream?
  private var received: [UInt8] = []
  private var waiting: [(bytes: ByteBuffer, promise: EventLoopPromise<Void>?)] = []
  private var closing: EventLoopPromise<Void>?
  private var isClosing = false
  private var chance = Mutator(seed: 11)

  /// As ``MediaChannel/Security``.
  static func make(_ channel: MediaChannel) throws -> any ChannelHandler { ToyCipher() }

  func channelActive(context: ChannelHandlerContext) {
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: out.hello)), promise: nil)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    for (_, promise) in waiting { promise?.fail(ChannelError.ioOnClosedChannel) }
    waiting = []
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    received += Array(unwrapInboundIn(data).readableBytesView)
    if isClosing { return context.close(promise: closing) }
    if incoming == nil {
      guard received.count >= 8 else { return }
      guard received.starts(with: ToyKeyStream.magic) else { return context.fireErrorCaught(Failure.noHello) }
      incoming = ToyKeyStream(key: Array(received[4..<8]))
      received.removeFirst(8)
      let before = waiting
      waiting = []
      for (bytes, promise) in before { encrypt(context, bytes, promise) }
      context.flush()
    }
    decrypt(context)
  }

  private func decrypt(_ context: ChannelHandlerContext) {
    let begin = incoming?.position ?? 0
    var plain = (incoming?.mix(received) ?? [])[...]
    received = []
    let limit = breaksAt.map { max(0, $0 - begin) } ?? Int.max
    let isBroken = plain.count > limit
    plain = plain.prefix(limit)
    while !plain.isEmpty {
      let piece = plain.prefix(Int.random(in: 1...max(1, plain.count), using: &chance))
      plain = plain.dropFirst(piece.count)
      context.fireChannelRead(wrapInboundOut(ByteBuffer(bytes: piece)))
    }
    if isBroken { context.fireErrorCaught(Failure.broken) }
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if incoming == nil { waiting.append((unwrapOutboundIn(data), promise)) } else { encrypt(context, unwrapOutboundIn(data), promise) }
  }

  private func encrypt(_ context: ChannelHandlerContext, _ bytes: ByteBuffer, _ promise: EventLoopPromise<Void>?) {
    context.write(wrapOutboundOut(ByteBuffer(bytes: out.mix(Array(bytes.readableBytesView)))), promise: promise)
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    guard saysFarewell else { return context.close(mode: mode, promise: promise) }
    isClosing = true
    closing = promise
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: ToyCipher.farewell)), promise: nil)
  }
}

/// The other end of a channel with the toy cipher.
final class ToyPeer {
  let peer: Peer
  private var out = ToyKeyStream(key: [200, 3, 77, 9])
  private var incoming: ToyKeyStream?

  init(_ peer: Peer) { self.peer = peer }

  /// Says hello and waits for the channel's.
  func shakeHands() async {
    await peer.send(out.hello)
    let hello = await peer.receive(8)
    incoming = ToyKeyStream(key: Array(hello.suffix(4)))
  }

  func send(_ bytes: [UInt8]) async { await peer.send(out.mix(bytes)) }

  /// So many decrypted bytes, fewer at the end of the stream.
  func receive(_ count: Int) async -> [UInt8] { incoming?.mix(await peer.receive(count)) ?? [] }
}
