internal import CLinux
internal import Glibc
internal import Model
public import NIOCore
internal import Synchronization

/// A TCP connection on a ``MediaLoop``: a channel like any other for what is seldom, with a short way in and out for media. Bytes go to
/// ``receiver`` and not through the pipeline; ``send(_:)`` writes to the socket at once.
///
/// `@unchecked Sendable`: what is mutable is touched on the loop's thread only, but for the two atomics.
public final class MediaChannel: Channel, @unchecked Sendable {
  public let allocator = ByteBufferAllocator()
  public let localAddress: SocketAddress?
  public let remoteAddress: SocketAddress?
  public var parent: (any Channel)? { nil }
  public private(set) lazy var pipeline = ChannelPipeline(channel: self)
  public var closeFuture: EventLoopFuture<Void> { closePromise.futureResult }
  public var eventLoop: any EventLoop { loop }
  public var _channelCore: any ChannelCore { self }
  public var syncOptions: (any NIOSynchronousChannelOptions)? { nil }

  /// Who gets the bytes; while there is none they go through the pipeline. On the loop.
  public var receiver: (any MediaReceiver)?

  private let loop: MediaLoop
  private let descriptor: CInt
  private let closePromise: EventLoopPromise<Void>
  private let writable = Atomic<Bool>(true)
  private let active = Atomic<Bool>(false)
  private var key: UInt64?
  private var isOpen = true
  /// The socket refused to take more; closing is on its way.
  private var isBroken = false
  private var isFlushing = false
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

  /// Makes a channel of a connected, non-blocking socket, which it owns from now on.
  /// - Parameters:
  ///   - queueLimit: bytes that may wait before the channel is no longer writable; it is again at a quarter of them.
  ///   - setUp: adds the handlers, on the loop. When it throws the connection is closed.
  public static func adopt(
    _ descriptor: CInt, on loop: MediaLoop, queueLimit: Int, setUp: @escaping @Sendable (MediaChannel) throws -> Void
  ) -> MediaChannel {
    _ = ff_prepare_stream(descriptor)
    let channel = MediaChannel(descriptor, loop: loop, queueLimit: queueLimit)
    if loop.inEventLoop { channel.start(setUp) } else { loop.execute { channel.start(setUp) } }
    return channel
  }

  private func start(_ setUp: (MediaChannel) throws -> Void) {
    guard isOpen else { return }
    do { try setUp(self) } catch { return close0(error: error, mode: .all, promise: nil) }
    guard isOpen else { return }
    guard let key = loop.add(self, descriptor) else { return close0(error: ChannelError.inappropriateOperationForState, mode: .all, promise: nil) }
    self.key = key
    active.store(true, ordering: .relaxed)
    pipeline.fireChannelRegistered()
    pipeline.fireChannelActive()
  }

  public var isWritable: Bool { writable.load(ordering: .relaxed) }
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
    if let receiver {
      receiver.received(&buffer)
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
  public func send(_ bytes: ByteBuffer) { write(bytes, nil) }

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

  /// Not here and now: whoever sends may be in the middle of a round over many readers.
  private func broke(_ answer: Int64) {
    isBroken = true
    loop.execute { [self] in
      guard isOpen else { return }
      pipeline.fireErrorCaught(IOError(errnoCode: CInt(truncatingIfNeeded: -answer), reason: "send"))
      close0(error: ChannelError.ioOnClosedChannel, mode: .all, promise: nil)
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

  private func noteWritability() {
    guard isOpen else { return }
    let waits = queue.bytes.readableBytes
    let now = isWritable ? waits <= highWater : waits < lowWater
    guard now != isWritable else { return }
    writable.store(now, ordering: .relaxed)
    pipeline.fireChannelWritabilityChanged()
  }

  // MARK: Channel

  public func setOption<Option: ChannelOption>(_ option: Option, value: Option.Value) -> EventLoopFuture<Void> {
    loop.makeFailedFuture(ChannelError.operationUnsupported)
  }

  public func getOption<Option: ChannelOption>(_ option: Option) -> EventLoopFuture<Option.Value> {
    loop.makeFailedFuture(ChannelError.operationUnsupported)
  }
}

// MARK: - What the pipeline calls

extension MediaChannel: ChannelCore {
  public func localAddress0() throws -> SocketAddress {
    guard let localAddress else { throw ChannelError.unknownLocalAddress }
    return localAddress
  }

  public func remoteAddress0() throws -> SocketAddress {
    guard let remoteAddress else { throw ChannelError.operationUnsupported }
    return remoteAddress
  }

  public func register0(promise: EventLoopPromise<Void>?) { promise?.fail(ChannelError.inappropriateOperationForState) }
  public func registerAlreadyConfigured0(promise: EventLoopPromise<Void>?) { promise?.fail(ChannelError.inappropriateOperationForState) }
  public func bind0(to: SocketAddress, promise: EventLoopPromise<Void>?) { promise?.fail(ChannelError.operationUnsupported) }
  public func connect0(to: SocketAddress, promise: EventLoopPromise<Void>?) { promise?.fail(ChannelError.connectPending) }

  /// Written at once: there is nothing to be gained by waiting for a flush.
  public func write0(_ data: NIOAny, promise: EventLoopPromise<Void>?) {
    if let bytes = tryUnwrapData(data, as: ByteBuffer.self) {
      write(bytes, promise)
    } else if case .byteBuffer(let bytes)? = tryUnwrapData(data, as: IOData.self) {
      write(bytes, promise)
    } else {
      promise?.fail(ChannelError.operationUnsupported)
    }
  }

  public func flush0() {}
  /// The loop always reads.
  public func read0() {}
  public func channelRead0(_ data: NIOAny) {}
  public func errorCaught0(error: any Error) {}

  public func triggerUserOutboundEvent0(_ event: Any, promise: EventLoopPromise<Void>?) { promise?.fail(ChannelError.operationUnsupported) }

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
    receiver = nil
    carry = ByteBuffer()
    writable.store(false, ordering: .relaxed)
    let wasActive = active.exchange(false, ordering: .relaxed)
    for waiting in queue.takeAll() { waiting.fail(error) }
    promise?.succeed(())
    if wasActive {
      pipeline.fireChannelInactive()
      pipeline.fireChannelUnregistered()
    }
    // Delayed, for a handler of the pipeline may be what closes.
    loop.execute { [self] in
      removeHandlers(pipeline: pipeline)
      closePromise.succeed(())
    }
  }
}

// MARK: - Socket options

extension MediaChannel: SocketOptionProvider {
  public func unsafeSetSocketOption<Value: Sendable>(
    level: NIOBSDSocket.OptionLevel, name: NIOBSDSocket.Option, value: Value
  ) -> EventLoopFuture<Void> {
    loop.submit { [self] in
      guard isOpen else { throw ChannelError.ioOnClosedChannel }
      let answer = withUnsafeBytes(of: value) { setsockopt(descriptor, level.rawValue, name.rawValue, $0.baseAddress, socklen_t($0.count)) }
      if answer < 0 { throw IOError(errnoCode: errno, reason: "setsockopt") }
    }
  }

  /// `Value` is a plain C type, as its callers are bound to.
  public func unsafeGetSocketOption<Value: Sendable>(level: NIOBSDSocket.OptionLevel, name: NIOBSDSocket.Option) -> EventLoopFuture<Value> {
    loop.submit { [self] in
      guard isOpen else { throw ChannelError.ioOnClosedChannel }
      var length = socklen_t(MemoryLayout<Value>.size)
      let room = UnsafeMutableRawBufferPointer.allocate(
        byteCount: MemoryLayout<Value>.stride, alignment: MemoryLayout<Value>.alignment)
      defer { room.deallocate() }
      room.initializeMemory(as: UInt8.self, repeating: 0)
      guard getsockopt(descriptor, level.rawValue, name.rawValue, room.baseAddress, &length) == 0 else {
        throw IOError(errnoCode: errno, reason: "getsockopt")
      }
      return room.loadUnaligned(fromByteOffset: 0, as: Value.self)
    }
  }

  public func unsafeSetSocketOption<Value: Sendable>(
    level: SocketOptionLevel, name: SocketOptionName, value: Value
  ) -> EventLoopFuture<Void> {
    unsafeSetSocketOption(level: NIOBSDSocket.OptionLevel(rawValue: CInt(level)), name: NIOBSDSocket.Option(rawValue: CInt(name)), value: value)
  }

  public func unsafeGetSocketOption<Value: Sendable>(level: SocketOptionLevel, name: SocketOptionName) -> EventLoopFuture<Value> {
    unsafeGetSocketOption(level: NIOBSDSocket.OptionLevel(rawValue: CInt(level)), name: NIOBSDSocket.Option(rawValue: CInt(name)))
  }
}
