internal import NIOCore
internal import NIOHTTP1

/// Ends a request that never comes: a body that trickles keeps no connection, for who has shown no key least of all.
///
/// The idle time-out sees a connection that says nothing; each byte of a body would begin it anew.
///
/// `@unchecked Sendable`: touched on its channel's loop only.
final class RequestDeadline: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart

  /// From a request's head to the end of its body.
  static let bodyTime = TimeAmount.seconds(20)

  private let time: TimeAmount
  private var deadline: Scheduled<Void>?

  init(time: TimeAmount = RequestDeadline.bodyTime) { self.time = time }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head:
      let channel = context.channel
      deadline?.cancel()
      deadline = context.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    case .body: break
    case .end:
      deadline?.cancel()
      deadline = nil
    }
    context.fireChannelRead(data)
  }

  func channelInactive(context: ChannelHandlerContext) {
    deadline?.cancel()
    context.fireChannelInactive()
  }
}
