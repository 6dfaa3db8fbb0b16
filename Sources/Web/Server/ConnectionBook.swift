internal import Model
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// Sets a fresh HTTP connection up: takes its place among those of the node, and puts ``RequestDeadline`` behind the parser.
final class ConnectionSetUp: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = NIOAny

  private let book: ConnectionBook?

  init(_ book: ConnectionBook?) { self.book = book }

  /// A connection that there is no room for is closed; not here, for its pipeline is still being made.
  func handlerAdded(context: ChannelHandlerContext) {
    let channel = context.channel
    if let book, !book.admit(channel) { context.eventLoop.execute { channel.close(promise: nil) } }
    let pipeline = context.pipeline.syncOperations
    guard let parser = try? pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self) else { return }
    try? pipeline.addHandler(RequestDeadline(), position: .after(parser))
  }
}

/// The HTTP connections that stand, by their channel: a request that shows a key makes its connection no stranger's.
final class ConnectionBook: Sendable {
  private let connections: ConnectionGuard
  private let tickets = Mutex<[ObjectIdentifier: ConnectionGuard.Ticket]>([:])

  init(_ connections: ConnectionGuard) { self.connections = connections }

  /// False when it must be closed.
  func admit(_ channel: any Channel) -> Bool {
    guard let ticket = connections.admit(channel.remoteAddress?.ipAddress ?? "") else { return false }
    let id = ObjectIdentifier(channel)
    tickets.withLock { $0[id] = ticket }
    ticket.onShed { channel.close(promise: nil) }
    channel.closeFuture.whenComplete { [self] _ in
      tickets.withLock { $0[id] = nil }
      ticket.ended()
    }
    return true
  }

  func known(_ channel: any Channel) { tickets.withLock { $0[ObjectIdentifier(channel)] }?.known() }
}
