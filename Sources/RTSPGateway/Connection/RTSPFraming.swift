internal import Gateway
internal import Measure
internal import Model
internal import NIOCore
internal import RTPMedia
internal import Wire

/// One RTSP connection's bytes: separates media frames and messages. The forwarding path begins here: no decoder in between, no
/// allocation and no promise a packet.
final class RTSPFraming: ConnectionDelegate {
  let connection: GatewayConnection
  /// Held until the connection is gone: the connection keeps its session alive.
  var delegate: (any RTSPFramingDelegate)?
  /// Where media goes while the peer publishes, and on which channels it comes.
  var publisher: RTPPublisher?
  var channels = ChannelMap()
  private var decoder = RTSPDecoder()
  /// What was read while media is held.
  private var rest: ByteBuffer?
  private var holdsMedia = false
  private var isOpen = true
  /// Bytes that were left out since the last frame or message of the publisher; nil while its frames follow each other.
  private var stray: Int?

  init(_ connection: GatewayConnection) { self.connection = connection }

  // MARK: Writing

  var lastRead: BootTime { connection.lastRead }
  var isWritable: Bool { connection.isWritable }
  func send(_ bytes: ByteBuffer) { connection.send(bytes) }
  func close() { connection.close() }

  /// Sends one RTCP compound packet on an interleaved channel.
  func send(rtcp compound: ByteBuffer, channel: UInt8) {
    var framed = ByteBuffer()
    guard InterleavedFraming.append(channel: channel, length: compound.readableBytes, to: &framed) else { return }
    framed.writeImmutableBuffer(compound)
    connection.send(framed)
  }

  // MARK: ConnectionDelegate

  func closed(_ error: (any Error)?) {
    isOpen = false
    rest = nil
    let last = delegate
    delegate = nil
    last?.closed(connection.ending(error))
    publisher = nil
  }

  func tick(at now: BootTime) { delegate?.tick(at: now) }

  func received(_ bytes: inout ByteBuffer) {
    if var earlier = rest {
      rest = nil
      earlier.writeImmutableBuffer(bytes)
      bytes = earlier
    }
    read(&bytes)
    guard holdsMedia else { return }
    keep(bytes)
    bytes.moveReaderIndex(to: bytes.writerIndex)
  }

  // MARK: Holding

  /// As much as may wait for an admission: a whole group of pictures, and no way to fill our memory. What is more is dropped.
  private static let heldLimit = RTSPSettings.heldBeforeAdmission

  /// Media waits from here on, until ``releaseMedia()``: its publication is being admitted, perhaps on another loop, and what comes first is the key frame.
  func holdMedia() { holdsMedia = true }

  /// Reads what waited. Its arrival is when it was read from the socket.
  func releaseMedia() {
    guard holdsMedia else { return }
    holdsMedia = false
    guard var held = rest else { return }
    rest = nil
    read(&held)
    keep(held)
  }

  private func keep(_ bytes: ByteBuffer) {
    guard bytes.readableBytes > 0, isOpen else { return }
    rest = bytes
    if holdsMedia, bytes.readableBytes > RTSPFraming.heldLimit { releaseMedia() }
  }

  // MARK: Reading

  private func read(_ buffer: inout ByteBuffer) {
    // Taken once a read, not once a use: each costs a reference count.
    let connection = connection
    let arrival = connection.lastRead
    var span = FrameSpan()
    while buffer.readableBytes > 0, !connection.isClosing {
      let publisher = publisher
      if stray != nil, !skipStray(&buffer, publisher) { return }
      let (end, used) = readFrames(buffer, for: publisher, arrival, &span)
      if used > 0 { publisher?.post(span.finish(in: buffer), arrival: arrival) }
      buffer.moveReaderIndex(forwardBy: used)
      guard end == .otherBytes else { return }
      if publisher != nil, !mayBeMessage(buffer) {
        decoder = RTSPDecoder()
        stray = 0
      } else if !readMessage(&buffer) {
        return
      }
    }
    if connection.isClosing { buffer.clear() }
  }

  /// Walks the frames at the front. Returns what it met at their end, and how far it came in bytes.
  private func readFrames(
    _ buffer: ByteBuffer, for publisher: RTPPublisher?, _ arrival: BootTime, _ span: inout FrameSpan
  ) -> (RTPFrameWalk.End, used: Int) {
    guard let publisher else {
      if holdsMedia { return (buffer.getInteger(at: buffer.readerIndex) == InterleavedFraming.magic ? .incomplete : .otherBytes, 0) }
      return buffer.withUnsafeReadableBytes { bytes in
        var walk = RTPFrameWalk(bytes)
        while let frame = walk.next() { delegate?.receivedFrame(channel: frame.channel, frame.packet) }
        return (walk.end, walk.position)
      }
    }
    let channels = channels
    return buffer.withUnsafeReadableBytes { bytes in
      publisher.receive { reception, meter in RTSPFraming.receive(bytes, channels, arrival, into: &reception, &meter, &span) }
    }
  }

  /// The walk of a publisher's read: one function, called once a read, for what ``PublisherSession/receive(_:)`` is given stands in its callers twice.
  @inline(never)
  private static func receive(
    _ bytes: UnsafeRawBufferPointer, _ channels: ChannelMap, _ arrival: BootTime, into reception: inout RTPReception, _ meter: inout SessionMeter,
    _ span: inout FrameSpan
  ) -> (RTPFrameWalk.End, used: Int) {
    var walk = RTPFrameWalk(bytes)
    while let frame = walk.next() {
      let canonical = channels[frame.channel]
      if canonical == 255 {
        // A channel that nobody set up is no frame where nothing follows that could be one.
        if FrameSearch.isBorder(walk.position, in: bytes) { continue }
        return (.otherBytes, frame.offset)
      }
      if canonical & 1 == 1 {
        reception.rtcp(frame.packet, track: Int(canonical >> 1), arrival: arrival)
      } else if reception.rtp(frame.packet, track: Int(canonical >> 1), at: span.length, arrival: arrival, &meter) {
        span.append(offset: frame.offset, count: frame.length, canonical: canonical, in: bytes)
      }
    }
    return (walk.end, walk.position)
  }

  // MARK: Stray bytes

  /// More between two frames, and the peer speaks something else than RTSP.
  private static let strayLimit = 256 << 10

  private func mayBeMessage(_ buffer: ByteBuffer) -> Bool { buffer.withUnsafeReadableBytes { FrameSearch.mayBeMessage($0) } }

  /// Leaves out what lies before the publisher's next frame or message; false when that has not come.
  private func skipStray(_ buffer: inout ByteBuffer, _ publisher: RTPPublisher?) -> Bool {
    let channels = channels
    // The first byte was no frame's, so that the search makes headway.
    let from = stray == 0 ? 1 : 0
    let found = buffer.withUnsafeReadableBytes { FrameSearch.find(from: from, in: $0) { channels[$0] != 255 } }
    let (skipped, isFound) =
      switch found {
      case .at(let offset): (offset, true)
      case .incomplete(let offset): (min(offset, buffer.readableBytes), false)
      }
    buffer.moveReaderIndex(forwardBy: skipped)
    let sum = (stray ?? 0) &+ skipped
    stray = sum
    if isFound {
      publisher?.receive { reception, _ in reception.noteStray(bytes: sum) }
      stray = nil
    } else if sum > RTSPFraming.strayLimit {
      delegate?.broken(.startLineMalformed("no frame in \(sum) bytes"))
      buffer.clear()
      close()
    }
    return isFound
  }

  /// Reads one message; false when its end has not come or the bytes are none.
  private func readMessage(_ buffer: inout ByteBuffer) -> Bool {
    let before = buffer.readableBytes
    do {
      switch try decoder.next(&buffer) {
      case .request(let request): delegate?.received(request)
      case .response(let response): delegate?.received(response)
      case .interleaved: return true
      case nil: return false
      }
      return true
    } catch {
      if publisher != nil {
        // Not the end of a device that sends pictures: what looked like a message is left out.
        decoder = RTSPDecoder()
        stray = before &- buffer.readableBytes
        return true
      }
      delegate?.broken(error)
      buffer.clear()
      close()
      return false
    }
  }
}
