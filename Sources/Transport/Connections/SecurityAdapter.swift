internal import NIOCore

/// Stands in a secured channel's pipeline right behind the security handler: hands decrypted bytes to the channel's receiver and counts what waits
/// to be encrypted and sent, so that a secured channel looks like a plain one from above.
///
/// `receiver` is kept here and not in the channel, so that the plain way needs no second look.
final class SecurityAdapter: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer

  var receiver: (any MediaReceiver)?
  /// Plain bytes that were written and have not left by the socket yet, in whatever queue they wait.
  private(set) var pending = 0
  private weak var channel: MediaChannel?
  private var context: ChannelHandlerContext?
  /// Decrypted bytes that the receiver left.
  private var carry = ByteBuffer()
  /// Closing has begun: the security handler may still talk to its peer, nobody above hears of it.
  private var isClosing = false

  init(_ channel: MediaChannel) { self.channel = channel }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    release()
  }

  /// The channel is closed.
  func release() {
    isClosing = true
    receiver = nil
    carry = ByteBuffer()
  }

  // MARK: In

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isClosing else { return }
    guard let receiver else { return context.fireChannelRead(data) }
    var bytes = unwrapInboundIn(data)
    if carry.readableBytes > 0 {
      swap(&carry, &bytes)
      bytes.writeBuffer(&carry)
    }
    carry = ByteBuffer()
    receiver.received(&bytes)
    if bytes.readableBytes > 0, !isClosing { keep(&bytes) }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if !isClosing, receiver == nil { context.fireChannelReadComplete() }
  }

  /// Goes on in the storage that the rest is in already, for it may be the first part of something long; a little in a large one is copied.
  private func keep(_ rest: inout ByteBuffer) {
    if rest.readableBytes < rest.capacity / 4 {
      carry.reserveCapacity(rest.readableBytes)
      carry.writeImmutableBuffer(rest)
    } else {
      // Not a second reference, which would have the next write copy it all.
      swap(&carry, &rest)
      carry.discardReadBytes()
    }
  }

  /// What the security handler gives up is over, as an error of the socket is.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.fireErrorCaught(error)
    channel?.closeSoon(error)
  }

  // MARK: Out

  /// Encrypts and sends now what the socket takes.
  func send(_ bytes: ByteBuffer) {
    guard let context, !isClosing else { return }
    write(context: context, data: NIOAny(bytes), promise: nil)
    context.flush()
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard !isClosing, let channel else {
      promise?.fail(ChannelError.ioOnClosedChannel)
      return
    }
    guard let bytes = channel.bytes(of: data) else {
      promise?.fail(ChannelError.operationUnsupported)
      return
    }
    let count = bytes.readableBytes
    pending += count
    let left = context.eventLoop.makePromise(of: Void.self)
    if let promise { left.futureResult.cascade(to: promise) }
    left.futureResult.assumeIsolated().whenComplete { [self] _ in
      pending -= count
      self.channel?.noteWritability()
    }
    context.write(NIOAny(bytes), promise: left)
    channel.noteWritability()
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    guard case .all = mode else {
      promise?.fail(ChannelError.operationUnsupported)
      return
    }
    release()
    context.close(mode: mode, promise: promise)
  }
}
