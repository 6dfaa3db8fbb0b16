internal import Model
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import Wire

/// The publishing client's connection: handshake, commands, acknowledgements.
///
/// `@unchecked Sendable`: everything but ``reason``, which is locked, is touched on the channel's loop only; before the channel has one, nothing is.
final class RTMPClientHandler: ChannelInboundHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// The server agreed to the publication; its message stream.
  let ready: EventLoopPromise<UInt32>
  let closed: EventLoopPromise<Fault>
  private let url: RTMPURL
  private let known = NIOLockedValueBox<Fault?>(nil)
  private var session: RTMPClientState
  private var handshake = RTMPClientHandshake(random: Array("FirstFrame".utf8))
  private var decoder = RTMPChunkDecoder()
  private var context: ChannelHandlerContext?
  private var isReady = false
  private var isOver = false

  init(url: RTMPURL, ready: EventLoopPromise<UInt32>, closed: EventLoopPromise<Fault>) {
    self.url = url
    self.ready = ready
    self.closed = closed
    session = RTMPClientState(url: url, role: .publish)
  }

  /// Why the connection is over; nil while it is not.
  var reason: Fault? { known.withLockedValue { $0 } }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func channelActive(context: ChannelHandlerContext) {
    context.writeAndFlush(wrapOutboundOut(handshake.hello()), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var input = unwrapInboundIn(data)
    var output = ByteBuffer()
    do {
      try read(&input, &output)
    } catch {
      fail(error)
    }
    if output.readableBytes > 0 { context.writeAndFlush(wrapOutboundOut(output), promise: nil) }
  }

  private func read(_ input: inout ByteBuffer, _ output: inout ByteBuffer) throws(Fault) {
    session.count(input.readableBytes, output: &output)
    if !handshake.isDone {
      try handshake.receive(&input, reply: &output)
      guard handshake.isDone else { return }
      session.start(&output)
    }
    while let message = try decoder.next(&input) {
      guard try session.handle(message, output: &output) == .ready, !isReady else { continue }
      isReady = true
      ready.succeed(session.messageStream)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(Fault(.pushFailed, "\(url): \(error)")) }
  func channelInactive(context: ChannelHandlerContext) { over(Fault(.pushFailed, "\(url): the server closed the connection")) }
  func handlerRemoved(context: ChannelHandlerContext) { over(Fault(.pushFailed, "\(url): the connection was closed")) }

  /// Ends the connection for a reason; on its loop.
  func fail(_ fault: Fault) {
    let context = context
    over(fault)
    context?.close(promise: nil)
  }

  private func over(_ fault: Fault) {
    guard !isOver else { return }
    isOver = true
    context = nil
    known.withLockedValue { $0 = fault }
    if !isReady {
      isReady = true
      ready.fail(fault)
    }
    closed.succeed(fault)
  }

  /// The connection was never made: nobody else will keep the promises.
  func abandon() { closed.futureResult.eventLoop.execute { self.fail(Fault(.pushFailed, self.url.description)) } }

  /// Says goodbye, then closes; on its loop.
  func finish() -> EventLoopFuture<Void> {
    guard let context else { return closed.futureResult.map { _ in } }
    var output = ByteBuffer()
    session.finish(&output)
    let channel = context.channel
    return channel.writeAndFlush(output).flatMap { channel.close() }
  }
}
