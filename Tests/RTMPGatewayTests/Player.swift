import Gateway
import Model
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import RTMPGateway
import Wire

/// A player of our own for tests: what it is sent, message by message.
final class Player: Sendable {
  enum Event: Sendable {
    case unit(AccessUnit)
    case header(RTMPMessage)
    case ended
    case closed(Fault?)
  }

  let events: AsyncStream<Event>
  private let channel: any Channel

  private init(events: AsyncStream<Event>, channel: any Channel) {
    self.events = events
    self.channel = channel
  }

  static func connect(_ url: RTMPURL, on group: any EventLoopGroup) async throws -> Player {
    let (stream, continuation) = AsyncStream.makeStream(of: Event.self)
    let loop = group.next()
    let ready = loop.makePromise(of: Void.self)
    let channel = try await ClientBootstrap(group: loop)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(PlayerHandler(url: url, ready: ready, events: continuation))
        }
      }
      .connect(host: url.host, port: url.port).get()
    try await ready.futureResult.get()
    return Player(events: stream, channel: channel)
  }

  /// The numbers of the next pictures.
  func numbers(_ count: Int) async -> [Int] {
    var numbers: [Int] = []
    guard count > 0 else { return [] }
    for await event in events {
      if case .unit(let unit) = event, let number = Pictures.number(unit) { numbers.append(number) }
      if case .closed = event { break }
      if numbers.count == count { break }
    }
    return numbers
  }

  /// Stops taking bytes off the socket, or goes on.
  func read(_ reads: Bool) async throws { try await channel.setOption(.autoRead, value: reads).get() }

  func close() async { try? await channel.close() }
}

/// `@unchecked Sendable`: made in one place, then touched on its channel's loop only.
private final class PlayerHandler: ChannelInboundHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let ready: EventLoopPromise<Void>
  private let events: AsyncStream<Player.Event>.Continuation
  private var session: RTMPClientState
  private var handshake = RTMPClientHandshake()
  private var decoder = RTMPChunkDecoder()
  private var reader = FLVUnitReader(id: AccessUnitID(origin: Pictures.origin, epoch: 0, number: 0))
  private var fault: Fault?

  init(url: RTMPURL, ready: EventLoopPromise<Void>, events: AsyncStream<Player.Event>.Continuation) {
    self.ready = ready
    self.events = events
    session = RTMPClientState(url: url, role: .play)
  }

  func channelActive(context: ChannelHandlerContext) { context.writeAndFlush(wrapOutboundOut(handshake.hello()), promise: nil) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var input = unwrapInboundIn(data)
    var output = ByteBuffer()
    do throws(Fault) {
      try take(&input, &output)
    } catch {
      fault = error
      ready.fail(error)
      context.close(promise: nil)
    }
    if output.readableBytes > 0 { context.writeAndFlush(wrapOutboundOut(output), promise: nil) }
  }

  private func take(_ input: inout ByteBuffer, _ output: inout ByteBuffer) throws(Fault) {
    if !handshake.isDone {
      try handshake.receive(&input, reply: &output)
      guard handshake.isDone else { return }
      session.start(&output)
    }
    while let message = try decoder.next(&input) {
      if message.isMedia || message.kind == .data {
        var units: [AccessUnit] = []
        _ = try reader.read(message, arrival: BootTime(nanoseconds: 0), into: &units)
        if units.isEmpty { events.yield(.header(message)) }
        for unit in units { events.yield(.unit(unit)) }
      } else {
        switch try session.handle(message, output: &output) {
        case .ready: ready.succeed()
        case .ended: events.yield(.ended)
        case nil: break
        }
      }
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    ready.fail(fault ?? Fault(.pullFailed, "closed"))
    events.yield(.closed(fault))
    events.finish()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
