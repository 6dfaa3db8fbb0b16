internal import CLinux
internal import Glibc
public import Model
public import NIOCore
internal import Synchronization

/// A TCP connection on a ``MediaLoop``: a channel like any other for what is seldom, with a short way in and out for media. Bytes go to
/// ``receiver`` and not through the pipeline; ``send(_:)`` writes to the socket at once.
///
/// A channel with a security handler looks the same from above, but its bytes take the pipeline's way: socket, security handler,
/// ``SecurityAdapter``, receiver; and back.
///
/// `@unchecked Sendable`: what is mutable is touched on the loop's thread only, but for the two atomics.
public final class MediaChannel: Channel, @unchecked Sendable {
  /// Makes the handler that encrypts a connection: `NIOSSLServerHandler`, `NIOSSLClientHandler`. Called on the loop before `setUp`.
  ///
  /// The handler takes and gives `ByteBuffer`s. It closes the channel itself when its peer breaks the rules, or fires an error, which does the
  /// same. It may write before it fires what it has decrypted: a handshake.
  public typealias Security = @Sendable (MediaChannel) throws -> any ChannelHandler

  public let allocator = ByteBufferAllocator()
  /// Our end, as it was when the channel was made; nil when the socket is neither IPv4 nor IPv6.
  public let localAddress: SocketAddress?
  /// The peer's end, as it was when the channel was made, so also known of a closed one; nil when the socket is neither IPv4 nor IPv6.
  public let remoteAddress: SocketAddress?
  /// Nil: accepted channels do not know their listener.
  public var parent: (any Channel)? { nil }
  /// For what is seldom, and for a security handler.
  public private(set) lazy var pipeline = ChannelPipeline(channel: self)
  /// Fulfilled after the socket is closed and the handlers know it; never fails.
  public var closeFuture: EventLoopFuture<Void> { closePromise.futureResult }
  /// A ``MediaLoop``.
  public var eventLoop: any EventLoop { loop }
  /// The loop it lives on, as what it is: for sockets that belong to the connection (``MediaLoop/watch(_:flow:receiver:)``).
  public var mediaLoop: MediaLoop { loop }
  /// For the pipeline alone.
  public var _channelCore: any ChannelCore { self }
  /// Nil: there are no options but the socket's.
  public var syncOptions: (any NIOSynchronousChannelOptions)? { nil }

  /// The connection's place among those of the node; nil where nobody counts them. On the loop.
  public internal(set) var ticket: ConnectionGuard.Ticket?
  /// Who gets the bytes; while there is none they go through the pipeline. On the loop.
  public var receiver: (any MediaReceiver)? {
    get { if let adapter { adapter.receiver } else { direct } }
    set { if let adapter { adapter.receiver = newValue } else { direct = newValue } }
  }

  let loop: MediaLoop
  let descriptor: CInt
  private(set) var isOpen = true
  /// The receiver of a channel without security.
  private var direct: (any MediaReceiver)?
  /// Of a channel with security, until it is closed.
  private var adapter: SecurityAdapter?
  private let closePromise: EventLoopPromise<Void>
  private let writable = Atomic<Bool>(true)
  private let active = Atomic<Bool>(false)
  private var key: UInt64?
  /// The socket refused to take more; closing is on its way.
  private var isBroken = false
  /// What the receiver left.
  private var carry = ByteBuffer()
  private var queue = WriteQueue()
  private let highWater: Int
  private let lowWater: Int

  private init(_ descriptor: CInt, loop: MediaLoop, queueLimit: Int) {
    self.descriptor = descriptor
    self.loop = loop
    highWater = queueLimit
    lowWater = queueLimit / 4
    localAddress = SocketAddresses.local(of: descriptor)
    remoteAddress = SocketAddresses.remote(of: descriptor)
    closePromise = loop.makePromise()
  }

  /// Makes a channel of a connected, non-blocking socket, which it owns from now on. From any thread, while the loop runs.
  /// - Parameters:
  ///   - queueLimit: bytes that may wait before the channel is no longer writable; it is again at a quarter of them.
  ///   - security: nil for a plain connection.
  ///   - setUp: adds the handlers, on the loop. When it throws the connection is closed.
  public static func adopt(
    _ descriptor: CInt, on loop: MediaLoop, queueLimit: Int, security: Security? = nil, setUp: @escaping @Sendable (MediaChannel) throws -> Void
  ) -> MediaChannel {
    _ = ff_prepare_stream(descriptor)
    let channel = MediaChannel(descriptor, loop: loop, queueLimit: queueLimit)
    if loop.inEventLoop {
      try? channel.start(security, setUp)
    } else if !loop.enqueue({ try? channel.start(security, setUp) }) {
      channel.abandon()
    }
    return channel
  }

  /// The loop has stopped: nothing ran and nothing will, the close promise neither.
  private func abandon() {
    _ = Glibc.close(descriptor)
    writable.store(false, ordering: .relaxed)
  }

  /// The same on the loop. Throws, with the connection closed, what the set-up throws.
  static func open(
    _ descriptor: CInt, on loop: MediaLoop, queueLimit: Int, security: Security?, setUp: (MediaChannel) throws -> Void
  ) throws -> MediaChannel {
    _ = ff_prepare_stream(descriptor)
    let channel = MediaChannel(descriptor, loop: loop, queueLimit: queueLimit)
    try channel.start(security, setUp)
    return channel
  }

  private func start(_ security: Security?, _ setUp: (MediaChannel) throws -> Void) throws {
    do {
      guard isOpen else { throw ChannelError.ioOnClosedChannel }
      if let security { try secure(try security(self)) }
      try setUp(self)
      guard isOpen else { throw ChannelError.ioOnClosedChannel }
      guard let key = loop.add(self, descriptor) else { throw ChannelError.inappropriateOperationForState }
      self.key = key
    } catch {
      close0(error: error, mode: .all, promise: nil)
      throw error
    }
    active.store(true, ordering: .relaxed)
    pipeline.fireChannelRegistered()
    pipeline.fireChannelActive()
  }

  private func secure(_ handler: any ChannelHandler) throws {
    let adapter = SecurityAdapter(self)
    self.adapter = adapter
    try pipeline.syncOperations.addHandler(adapter)
    try pipeline.syncOperations.addHandler(handler, position: .first)
  }

  /// Whether fewer bytes wait than the limit; false once closed. From any thread.
  public var isWritable: Bool { writable.load(ordering: .relaxed) }
  /// From the set-up's end until it closes. From any thread.
  public var isActive: Bool { active.load(ordering: .relaxed) }

  // MARK: Reading

  /// The socket has bytes, its end or an error. `buffer` is the loop's, used for every socket in turn.
  func canRead(_ buffer: inout ByteBuffer, room: Int) {
    guard isOpen else { return }
    buffer.clear()
    if carry.readableBytes > 0 {
      buffer.writeImmutableBuffer(carry)
      carry = ByteBuffer()
    }
    var answer: Int64 = 0
    buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
      answer = ff_receive_stream(descriptor, target.baseAddress, target.count)
      return max(0, Int(truncatingIfNeeded: answer))
    }
    guard answer > 0 else { return ended(answer, buffer) }
    if let direct {
      direct.received(&buffer)
      if buffer.readableBytes > 0, isOpen { keep(buffer) }
    } else {
      pipeline.fireChannelRead(buffer)
      pipeline.fireChannelReadComplete()
    }
  }

  /// A copy of its own size: the loop's storage is for the next socket.
  private func keep(_ rest: ByteBuffer) {
    carry.reserveCapacity(rest.readableBytes)
    carry.writeImmutableBuffer(rest)
  }

  private func ended(_ answer: Int64, _ buffer: ByteBuffer) {
    if answer == -Int64(EAGAIN) {
      if buffer.readableBytes > 0 { keep(buffer) }
      return
    }
    if answer < 0 {
      pipeline.fireErrorCaught(IOError(errnoCode: CInt(truncatingIfNeeded: -answer), reason: "recv"))
    }
    close0(error: ChannelError.eof, mode: .all, promise: nil)
  }

  // MARK: Writing

  /// Writes at once what the socket takes; the rest waits. On the loop. Nothing once closed.
  public func send(_ bytes: ByteBuffer) {
    if let adapter { adapter.send(bytes) } else { write(bytes, nil) }
  }

  private func write(_ bytes: ByteBuffer, _ promise: EventLoopPromise<Void>?) {
    guard isOpen, !isBroken else {
      promise?.fail(ChannelError.ioOnClosedChannel)
      return
    }
    guard queue.isEmpty else {
      queue.append(bytes, promise)
      return noteWritability()
    }
    let count = bytes.readableBytes
    let sent = count == 0 ? 0 : bytes.withUnsafeReadableBytes { ff_send(descriptor, $0.baseAddress, $0.count) }
    if sent == Int64(count) {
      promise?.succeed(())
    } else if sent >= 0 || sent == -Int64(EAGAIN) || sent == -Int64(ENOBUFS) {
      let taken = max(0, Int(truncatingIfNeeded: sent))
      queue.append(bytes.getSlice(at: bytes.readerIndex &+ taken, length: count &- taken) ?? bytes, promise)
      if let key { loop.change(key, descriptor, writable: true) }
      noteWritability()
    } else {
      broke(sent)
      promise?.fail(ChannelError.ioOnClosedChannel)
    }
  }

  /// The socket takes no more, for good.
  private func broke(_ answer: Int64) {
    isBroken = true
    loop.execute { [self] in
      guard isOpen else { return }
      pipeline.fireErrorCaught(IOError(errnoCode: CInt(truncatingIfNeeded: -answer), reason: "send"))
      close0(error: ChannelError.ioOnClosedChannel, mode: .all, promise: nil)
    }
  }

  /// Closes without a farewell, but not here and now: whoever sends may be in the middle of a round over many readers.
  func closeSoon(_ error: any Error) {
    loop.execute { [self] in
      if isOpen { close0(error: error, mode: .all, promise: nil) }
    }
  }

  /// The socket takes bytes again.
  func canWrite() {
    guard isOpen, !isBroken, !queue.isEmpty else { return }
    let sent = queue.bytes.withUnsafeReadableBytes { ff_send(descriptor, $0.baseAddress, $0.count) }
    guard sent >= 0 else {
      if sent != -Int64(EAGAIN), sent != -Int64(ENOBUFS) { broke(sent) }
      return
    }
    let done = queue.advance(Int(truncatingIfNeeded: sent))
    if queue.isEmpty, let key { loop.change(key, descriptor, writable: false) }
    for promise in done { promise.succeed(()) }
    noteWritability()
  }

  /// What waits has become more or less.
  func noteWritability() {
    guard isOpen else { return }
    let waits = adapter?.pending ?? queue.bytes.readableBytes
    let now = isWritable ? waits <= highWater : waits < lowWater
    guard now != isWritable else { return }
    writable.store(now, ordering: .relaxed)
    pipeline.fireChannelWritabilityChanged()
  }

  // MARK: Channel

  /// Fails: there are no options but the socket's.
  public func setOption<Option: ChannelOption>(_ option: Option, value: Option.Value) -> EventLoopFuture<Void> {
    loop.makeFailedFuture(ChannelError.operationUnsupported)
  }

  /// Fails: there are no options but the socket's.
  public func getOption<Option: ChannelOption>(_ option: Option) -> EventLoopFuture<Option.Value> {
    loop.makeFailedFuture(ChannelError.operationUnsupported)
  }
}

// MARK: - What the pipeline calls

extension MediaChannel: ChannelCore {
  /// Throws `unknownLocalAddress` where ``localAddress`` is nil.
  public func localAddress0() throws -> SocketAddress {
    guard let localAddress else { throw ChannelError.unknownLocalAddress }
    return localAddress
  }

  /// Throws `operationUnsupported` where ``remoteAddress`` is nil.
  public func remoteAddress0() throws -> SocketAddress {
    guard let remoteAddress else { throw ChannelError.operationUnsupported }
    return remoteAddress
  }

  /// Fails: a channel is registered by being made, and so with the next three.
  public func register0(promise: EventLoopPromise<Void>?) { promise?.fail(ChannelError.inappropriateOperationForState) }
  public func registerAlreadyConfigured0(promise: EventLoopPromise<Void>?) { promise?.fail(ChannelError.inappropriateOperationForState) }
  public func bind0(to: SocketAddress, promise: EventLoopPromise<Void>?) { promise?.fail(ChannelError.operationUnsupported) }
  public func connect0(to: SocketAddress, promise: EventLoopPromise<Void>?) { promise?.fail(ChannelError.connectPending) }

  /// Written at once: there is nothing to be gained by waiting for a flush.
  public func write0(_ data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard let bytes = bytes(of: data) else {
      promise?.fail(ChannelError.operationUnsupported)
      return
    }
    write(bytes, promise)
  }

  /// Of what is written through the pipeline; nil for what is no bytes.
  func bytes(of data: NIOAny) -> ByteBuffer? {
    if let bytes = tryUnwrapData(data, as: ByteBuffer.self) { return bytes }
    return if case .byteBuffer(let bytes)? = tryUnwrapData(data, as: IOData.self) { bytes } else { nil }
  }

  /// Nothing waits for it.
  public func flush0() {}
  /// The loop always reads.
  public func read0() {}
  /// What no handler wanted is dropped.
  public func channelRead0(_ data: NIOAny) {}
  /// An error closes the channel where it arises, whether a handler wants it or not.
  public func errorCaught0(error: any Error) {}

  /// Fails: there are no such events.
  public func triggerUserOutboundEvent0(_ event: Any, promise: EventLoopPromise<Void>?) { promise?.fail(ChannelError.operationUnsupported) }

  /// Closes the socket at once; what waits is lost. Half closing fails.
  public func close0(error: any Error, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    guard case .all = mode else {
      promise?.fail(ChannelError.operationUnsupported)
      return
    }
    guard isOpen else {
      promise?.fail(ChannelError.alreadyClosed)
      return
    }
    isOpen = false
    if let key { loop.remove(key, descriptor) }
    _ = Glibc.close(descriptor)
    direct = nil
    carry = ByteBuffer()
    adapter?.release()
    writable.store(false, ordering: .relaxed)
    let wasActive = active.exchange(false, ordering: .relaxed)
    for waiting in queue.removeAll() { waiting.fail(error) }
    promise?.succeed(())
    if wasActive {
      pipeline.fireChannelInactive()
      pipeline.fireChannelUnregistered()
    }
    // Delayed, for a handler of the pipeline may be what closes.
    loop.execute { [self] in
      removeHandlers(pipeline: pipeline)
      adapter = nil
      closePromise.succeed(())
    }
  }
}
