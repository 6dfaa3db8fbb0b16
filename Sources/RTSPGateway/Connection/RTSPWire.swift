internal import CLinux
internal import Glibc
internal import Hub
internal import Model
internal import NIOCore
internal import Wire

/// One RTSP connection's bytes, both ways: takes media frames and messages off what is read, and writes. The forwarding path begins here:
/// no decoder in between, no allocation and no promise a packet.
final class RTSPWire: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private enum Stop {
    /// The rest is a frame or message whose end has not come.
    case incomplete
    case text
  }

  let clock: any NodeClock
  /// Strong until the channel closes: the channel's pipeline is what keeps a session alive.
  var delegate: (any RTSPWireDelegate)?
  /// Where media goes while the peer publishes, and on which channels it comes.
  var ingress: MediaIngress?
  var channels = ChannelMap()
  private(set) var lastRead: BootTime
  private(set) var bytesRead: UInt64 = 0

  /// The connection's descriptor; nil sends everything through the channel. Written to only on the channel's loop and only while the
  /// channel is open, so it cannot be anybody else's.
  private let descriptor: CInt?
  /// Writes that found no room and wait in the channel; until they are gone, others queue behind them.
  private var queuedWrites = 0
  private var activated: ((any Channel) -> Void)?
  private var context: ChannelHandlerContext?
  private var decoder = RTSPDecoder()
  private var rest: ByteBuffer?
  private var isBroken = false

  /// - Parameter activated: called once the channel is connected and knows its addresses; sets the delegate.
  init(clock: any NodeClock, descriptor: CInt? = nil, activated: ((any Channel) -> Void)? = nil) {
    self.clock = clock
    self.descriptor = descriptor
    self.activated = activated
    lastRead = clock.bootTime()
  }

  // MARK: Writing

  /// Whether what waits to be written is below the limit; false once closed. Kept here, for it is asked for each delivery.
  private(set) var isWritable = true
  var isOpen: Bool { context != nil }

  /// Writes at once what the socket takes, past the channel's queue: that queue costs a tenth of forwarding (measured), and is needed only
  /// when the socket is full.
  func send(_ buffer: ByteBuffer) {
    guard let context, !isBroken else { return }
    guard queuedWrites == 0, let descriptor else { return queue(buffer, context) }
    let count = buffer.readableBytes
    let sent = buffer.withUnsafeReadableBytes { bytes in
      bytes.isEmpty ? 0 : Int(truncatingIfNeeded: ff_send(descriptor, bytes.baseAddress, bytes.count))
    }
    if sent == count { return }
    if sent >= 0 {
      queue(buffer.getSlice(at: buffer.readerIndex &+ sent, length: count &- sent) ?? buffer, context)
    } else if sent == Int(0 &- EAGAIN) || sent == Int(0 &- ENOBUFS) {
      queue(buffer, context)
    } else {
      // Not here and now: whoever sends may be in the middle of a round over many readers.
      isBroken = true
      let channel = context.channel
      context.eventLoop.execute { channel.close(promise: nil) }
    }
  }

  private func queue(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
    guard descriptor != nil else { return context.writeAndFlush(wrapOutboundOut(buffer), promise: nil) }
    queuedWrites += 1
    let promise = context.eventLoop.makePromise(of: Void.self)
    promise.futureResult.assumeIsolated().whenComplete { [self] _ in queuedWrites -= 1 }
    context.writeAndFlush(wrapOutboundOut(buffer), promise: promise)
  }

  /// Asks the kernel for the connection's round trip; `take` is called on the channel's loop, or not at all.
  func roundTrip(_ take: @escaping (Nanoseconds) -> Void) {
    guard let context, let asked = ConnectionRoundTrip.measure(context.channel) else { return }
    asked.assumeIsolated().whenSuccess { trip in
      if let trip { take(trip) }
    }
  }

  /// Closes once what was written has gone, and in any case after two seconds.
  func close() {
    guard let context else { return }
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in channel.close(promise: nil) }
    context.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
  }

  func closeNow() { context?.close(promise: nil) }

  // MARK: Channel

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive { activate(context.channel) }
  }

  func channelActive(context: ChannelHandlerContext) { activate(context.channel) }

  private func activate(_ channel: any Channel) {
    let body = activated
    activated = nil
    body?(channel)
  }

  func handlerRemoved(context: ChannelHandlerContext) { finish() }
  func channelInactive(context: ChannelHandlerContext) { finish() }
  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  func channelWritabilityChanged(context: ChannelHandlerContext) { isWritable = context.channel.isWritable }

  private func finish() {
    guard context != nil else { return }
    context = nil
    activated = nil
    isWritable = false
    rest = nil
    let last = delegate
    delegate = nil
    last?.closed()
    ingress = nil
  }

  // MARK: Reading

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isBroken else { return }
    var buffer = unwrapInboundIn(data)
    lastRead = clock.bootTime()
    bytesRead &+= UInt64(buffer.readableBytes)
    if var earlier = rest {
      rest = nil
      var joined = context.channel.allocator.buffer(capacity: earlier.readableBytes &+ buffer.readableBytes)
      joined.writeBuffer(&earlier)
      joined.writeBuffer(&buffer)
      buffer = joined
    }
    take(&buffer)
  }

  private func take(_ buffer: inout ByteBuffer) {
    var span = FrameSpan()
    while buffer.readableBytes > 0, !isBroken, context != nil {
      let (stop, used) = takeFrames(buffer, &span)
      if used > 0 { ingress?.post(span.finish(in: buffer), arrival: lastRead) }
      buffer.moveReaderIndex(forwardBy: used)
      switch stop {
      case .incomplete:
        if buffer.readableBytes > 0 { rest = buffer }
        return
      case .text: if !takeMessage(&buffer) { return }
      }
    }
  }

  /// Walks the frames at the front. Returns where it stopped, in bytes from the reader index.
  private func takeFrames(_ buffer: ByteBuffer, _ span: inout FrameSpan) -> (Stop, used: Int) {
    let (channels, arrival) = (channels, lastRead)
    guard let ingress else {
      return buffer.withUnsafeReadableBytes { bytes in
        RTSPWire.walk(bytes) { channel, _, packet in delegate?.receivedFrame(channel: channel, packet) }
      }
    }
    return buffer.withUnsafeReadableBytes { bytes in
      ingress.receive { reception, meter in
        RTSPWire.walk(bytes) { channel, offset, packet in
          let canonical = channels[channel]
          if canonical == 255 { return }
          if canonical & 1 == 1 {
            reception.rtcp(packet, track: Int(canonical >> 1), arrival: arrival)
          } else if reception.rtp(packet, track: Int(canonical >> 1), at: span.length, arrival: arrival, &meter) {
            span.take(offset: offset, count: InterleavedFraming.headerLength &+ packet.count, canonical: canonical, in: bytes)
          }
        }
      }
    }
  }

  /// Calls `body(channel, offset of the frame, packet)` for each whole frame.
  @inline(__always)
  private static func walk(_ bytes: UnsafeRawBufferPointer, _ body: (UInt8, Int, UnsafeRawBufferPointer) -> Void) -> (Stop, used: Int) {
    var at = 0
    while true {
      switch InterleavedFraming.find(at: at, in: bytes) {
      case .other: return (.text, at)
      case .partial: return (.incomplete, at)
      case .frame(let channel, let length):
        let from = at &+ InterleavedFraming.headerLength
        body(channel, at, UnsafeRawBufferPointer(rebasing: bytes[from..<from &+ length]))
        at = from &+ length
      }
    }
  }

  /// Takes one message; false when its end has not come or the bytes are none.
  private func takeMessage(_ buffer: inout ByteBuffer) -> Bool {
    do {
      switch try decoder.next(&buffer) {
      case .request(let request): delegate?.received(request)
      case .response(let response): delegate?.received(response)
      case .interleaved: return true
      case nil:
        if buffer.readableBytes > 0 { rest = buffer }
        return false
      }
      return true
    } catch {
      delegate?.broken(error)
      isBroken = true
      close()
      return false
    }
  }
}
