internal import Journal
internal import Model
internal import NIOCore

/// Who is called with what happens on a control link, on the channel's loop.
protocol LinkDelegate: AnyObject, Sendable {
  func linkOpened(_ link: LinkChannel, peer: LinkHandshake.Party)
  func linkReceived(_ message: LinkMessage, arrival: BootTime, on link: LinkChannel)
  func linkClosed(_ link: LinkChannel, reason: Fault)
  /// The other end was refused before it had proven who it is.
  /// - Parameter node: which node it said to be.
  func linkRefused(_ link: LinkChannel, node: String?, reason: Fault)
}

extension LinkDelegate {
  /// Nothing: for ends that dial.
  func linkRefused(_ link: LinkChannel, node: String?, reason: Fault) {}
}

/// One TCP connection of a control link, either end: framing, handshake, sealing, deadlines.
///
/// `@unchecked Sendable`: a channel handler, touched on its channel's loop only; ``send(_:)`` hops there.
final class LinkChannel: ChannelInboundHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// What becomes of a pairing request of a peer's address.
  typealias Pairing = @Sendable (_ request: [UInt8], _ peer: String, _ answer: @escaping @Sendable ([UInt8]) -> Void) -> Void

  enum Role {
    /// Dials; the fingerprint that pairing stored.
    case lower(expected: String)
    /// Answers; keys of paired nodes, and what becomes of a pairing request.
    case upper(peers: PeerStore, pair: Pairing)
  }

  /// A link on which nothing came for so long is dead; both ends send each second.
  static let silence = TimeAmount.seconds(10)
  /// Both ends have so long to prove who they are.
  static let handshakeTime = TimeAmount.seconds(10)
  /// Bytes that may wait for an end that does not read, before it is given up.
  static let queueLimit = 8 << 20

  private let role: Role
  /// The connection's place among those of the node. Set before it is in a pipeline.
  var ticket: ConnectionGuard.Ticket?
  private let clock: any NodeClock
  private weak var delegate: (any LinkDelegate)?
  private var handshake: LinkHandshake
  private var cipher: LinkCipher?
  private var buffer = ByteBuffer()
  private var channel: (any Channel)?
  private var deadline: Scheduled<Void>?
  private var ended = false
  /// A pairing request was taken: nothing more is read.
  private var isPairing = false

  init(role: Role, identity: NodeIdentity, node: String, clock: any NodeClock, delegate: any LinkDelegate) {
    self.role = role
    self.clock = clock
    self.delegate = delegate
    var isLower = false
    if case .lower = role { isLower = true }
    handshake = LinkHandshake(isLower: isLower, identity: identity, node: node, boot: clock.bootID)
  }

  var peer: LinkHandshake.Party? { handshake.peer }
  var remoteAddress: String { channel?.remoteAddress.map { "\($0.ipAddress ?? "?"):\($0.port ?? 0)" } ?? "?" }

  // MARK: Sending

  /// Queues a message; dropped when the link is not open. Callable from any thread.
  func send(_ message: LinkMessage) {
    guard let channel else { return }
    if channel.eventLoop.inEventLoop {
      sendOnLoop(message)
    } else {
      channel.eventLoop.execute { self.sendOnLoop(message) }
    }
  }

  private func sendOnLoop(_ message: LinkMessage) {
    guard !ended, cipher != nil else { return }
    guard channel?.isWritable != false else { return fail(Fault(.peerUnreachable, "does not read")) }
    do throws(Fault) {
      if let sealed = try cipher?.seal(Array(message.json.text.utf8)) { write(sealed) }
    } catch { fail(error) }
  }

  private func write(_ bytes: [UInt8]) {
    guard let channel else { return }
    var out = channel.allocator.buffer(capacity: bytes.count + 4)
    LinkFrame.write(bytes, into: &out)
    channel.writeAndFlush(out, promise: nil)
  }

  func close(_ reason: Fault) {
    guard let channel else { return }
    if channel.eventLoop.inEventLoop { fail(reason) } else { channel.eventLoop.execute { self.fail(reason) } }
  }

  // MARK: ChannelInboundHandler

  func handlerAdded(context: ChannelHandlerContext) {
    channel = context.channel
    let mark = ChannelOptions.Types.WriteBufferWaterMark(low: LinkChannel.queueLimit / 2, high: LinkChannel.queueLimit)
    try? channel?.syncOptions?.setOption(.writeBufferWaterMark, value: mark)
  }

  func channelActive(context: ChannelHandlerContext) {
    channel = context.channel
    deadline = channel?.eventLoop.scheduleTask(in: LinkChannel.handshakeTime) { [weak self] in self?.fail(Fault(.handshakeTimeout, "10 s")) }
    if case .lower = role { write(handshake.makeHello()) }
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let arrival = clock.bootTime()
    guard !ended, !isPairing else { return }
    var incoming = unwrapInboundIn(data)
    buffer.writeBuffer(&incoming)
    do throws(Fault) {
      while !ended, !isPairing, let frame = try LinkFrame.read(&buffer, limit: cipher == nil ? LinkFrame.maximumOfStranger : LinkFrame.maximum) {
        if cipher != nil { restartDeadline() }
        try receive(frame, arrival: arrival)
      }
      buffer.discardReadBytes()
    } catch { fail(error) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    fail(Fault(.peerUnreachable, "connection closed"), byPeer: true)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    fail(Fault(.peerUnreachable, "\(error)"), byPeer: true)
  }

  // MARK: Frames

  private func receive(_ frame: [UInt8], arrival: BootTime) throws(Fault) {
    if cipher != nil {
      guard let plain = try cipher?.open(frame) else { return }
      delegate?.linkReceived(try LinkMessage(plain), arrival: arrival, on: self)
      return
    }
    switch role {
    case .lower(let expected):
      let (proof, cipher) = try handshake.receive(welcome: frame, expected: expected)
      write(proof)
      opened(cipher)
    case .upper(let peers, let pair):
      if handshake.peer != nil { return opened(try handshake.receive(proof: frame)) }
      guard (try? JSON(parsing: frame))?["type"] == "pair" else {
        return write(try handshake.receive(hello: frame, known: { peers.key(of: $0) }))
      }
      isPairing = true
      let loop = channel?.eventLoop
      pair(frame, remoteAddress) { answer in loop?.execute { self.writeLast(answer) } }
    }
  }

  /// One request a connection: what the other end sends after it is not read.
  private func writeLast(_ bytes: [UInt8]) {
    guard !ended else { return }
    write(bytes)
    channel?.close(mode: .output, promise: nil)
  }

  private func opened(_ cipher: LinkCipher) {
    self.cipher = cipher
    restartDeadline()
    if let peer = handshake.peer { delegate?.linkOpened(self, peer: peer) }
  }

  private func restartDeadline() {
    deadline?.cancel()
    deadline = channel?.eventLoop.scheduleTask(in: LinkChannel.silence) { [weak self] in self?.fail(Fault(.peerUnreachable, "silent for 10 s")) }
  }

  private func fail(_ reason: Fault, byPeer: Bool = false) {
    guard !ended else { return }
    ended = true
    deadline?.cancel()
    if case .upper = role, cipher == nil, !isPairing, !byPeer { delegate?.linkRefused(self, node: handshake.claimed, reason: reason) }
    channel?.close(promise: nil)
    delegate?.linkClosed(self, reason: reason)
  }
}
