internal import Hub
internal import Model
internal import NIOCore
internal import Transport
internal import Wire

/// One RTSP connection's bytes, both ways: takes media frames and messages off what is read, and writes. The forwarding path begins here:
/// no decoder in between, no allocation and no promise a packet.
final class RTSPWire: ChannelInboundHandler, MediaReceiver {
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

  /// The channel where it is one of ours: bytes come and go past its pipeline.
  private var media: MediaChannel?
  private var activated: ((any Channel) -> Void)?
  private var context: ChannelHandlerContext?
  private var decoder = RTSPDecoder()
  /// What was read and could not be taken yet, in channels that are not ours, or while `holdsMedia`.
  private var rest: ByteBuffer?
  private var holdsMedia = false
  private var isBroken = false

  /// - Parameter activated: called once the channel is connected and knows its addresses; sets the delegate.
  init(clock: any NodeClock, activated: ((any Channel) -> Void)? = nil) {
    self.clock = clock
    self.activated = activated
    lastRead = clock.bootTime()
  }

  // MARK: Writing

  /// Whether what waits to be written is below the limit; false once closed. Kept here, for it is asked for each delivery.
  private(set) var isWritable = true
  var isOpen: Bool { context != nil }

  func send(_ buffer: ByteBuffer) {
    if let media { return media.send(buffer) }
    context?.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
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
    media = context.channel as? MediaChannel
    media?.receiver = self
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
    media = nil
    activated = nil
    isWritable = false
    rest = nil
    let last = delegate
    delegate = nil
    last?.closed()
    ingress = nil
  }

  // MARK: Reading

  /// As much as may wait for an admission: a whole group of pictures, and no way to fill our memory. What is more is dropped.
  private static let heldLimit = 32 << 20

  /// Media waits from here on, until `releaseMedia`: its publication is being admitted, perhaps on another loop, and what comes first is
  /// the key frame.
  func holdMedia() { holdsMedia = true }

  /// Takes what waited; it arrived when it was last read.
  func releaseMedia() {
    guard holdsMedia else { return }
    holdsMedia = false
    guard var held = rest else { return }
    rest = nil
    take(&held)
    keep(held)
  }

  /// The way of channels that are not ours: what is left is kept here until more comes.
  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var buffer = unwrapInboundIn(data)
    received(&buffer)
    keep(buffer)
  }

  func received(_ bytes: inout ByteBuffer) {
    guard !isBroken else { return bytes.clear() }
    lastRead = clock.bootTime()
    if var earlier = rest {
      rest = nil
      earlier.writeImmutableBuffer(bytes)
      bytes = earlier
    }
    take(&bytes)
    guard holdsMedia else { return }
    keep(bytes)
    bytes.moveReaderIndex(to: bytes.writerIndex)
  }

  private func keep(_ bytes: ByteBuffer) {
    guard bytes.readableBytes > 0, context != nil else { return }
    rest = bytes
    if holdsMedia, bytes.readableBytes > RTSPWire.heldLimit { releaseMedia() }
  }

  private func take(_ buffer: inout ByteBuffer) {
    var span = FrameSpan()
    while buffer.readableBytes > 0, !isBroken, context != nil {
      let (stop, used) = takeFrames(buffer, &span)
      if used > 0 { ingress?.post(span.finish(in: buffer), arrival: lastRead) }
      buffer.moveReaderIndex(forwardBy: used)
      switch stop {
      case .incomplete: return
      case .text: if !takeMessage(&buffer) { return }
      }
    }
  }

  /// Walks the frames at the front. Returns where it stopped, in bytes from the reader index.
  private func takeFrames(_ buffer: ByteBuffer, _ span: inout FrameSpan) -> (Stop, used: Int) {
    let (channels, arrival) = (channels, lastRead)
    guard let ingress else {
      if holdsMedia { return (buffer.getInteger(at: buffer.readerIndex) == InterleavedFraming.magic ? .incomplete : .text, 0) }
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
      case nil: return false
      }
      return true
    } catch {
      delegate?.broken(error)
      isBroken = true
      buffer.clear()
      close()
      return false
    }
  }
}
