public import NIOCore

/// RTP packets as the hub carries them: each behind the four bytes of ``InterleavedFraming``, back to back. A track's RTP is on channel
/// 2 × its index.
///
/// Everything that reads such a run goes through ``RTPFrameWalk``; a frame that is cut or does not begin with `$` ends it.
public struct RTPFrames: Hashable, Sendable {
  /// The frames, from the reader index on.
  public var bytes: ByteBuffer

  /// - Parameter bytes: frames back to back; not checked before they are walked.
  @inlinable
  public init(_ bytes: ByteBuffer = ByteBuffer()) { self.bytes = bytes }

  /// An empty run with room for so many bytes.
  public init(capacity: Int) { bytes = ByteBufferAllocator().buffer(capacity: max(0, capacity)) }

  /// Whether there are no bytes.
  @inlinable public var isEmpty: Bool { bytes.readableBytes == 0 }
  /// In bytes, framing included.
  @inlinable public var length: Int { bytes.readableBytes }

  /// Calls `body` for each whole frame.
  @inlinable @inline(__always)
  public func walk(_ body: (RTPFrame) -> Void) {
    bytes.withUnsafeReadableBytes { bytes in
      var walk = RTPFrameWalk(bytes)
      while let frame = walk.next() { body(frame) }
    }
  }

  /// Appends a packet. False, and nothing appended, when it is longer than a frame can say (65 535 bytes).
  @inlinable @discardableResult
  public mutating func append(_ packet: UnsafeRawBufferPointer, channel: UInt8) -> Bool {
    guard InterleavedFraming.append(channel: channel, length: packet.count, to: &bytes) else { return false }
    bytes.writeBytes(packet)
    return true
  }

  /// The frames of the tracks that `channels` names, each on the channel named there for its track.
  public func rewritten(channels: [UInt8?]) -> RTPFrames {
    var out = RTPFrames(capacity: length)
    walk { frame in
      guard frame.track < channels.count, let channel = channels[frame.track] else { return }
      out.append(frame.packet, channel: channel)
    }
    return out
  }

  /// Takes the first frames off the front, `count` at most. When no whole frame lies there, the rest is given back as it is and this run is empty.
  public mutating func removeFirst(_ count: Int) -> RTPFrames {
    let length = bytes.withUnsafeReadableBytes { bytes in
      var walk = RTPFrameWalk(bytes)
      var frames = 0
      while frames < count, walk.next() != nil { frames &+= 1 }
      return walk.position
    }
    guard length > 0 || count <= 0, let first = bytes.readSlice(length: length) else {
      defer { bytes.clear() }
      return self
    }
    return RTPFrames(first)
  }

  // MARK: Order

  /// Where a late packet belongs, in bytes: before the first of its channel with a higher sequence number; the end when there is none.
  public func place(sequenceNumber: UInt16, channel: UInt8) -> Int {
    bytes.withUnsafeReadableBytes { bytes in
      var walk = RTPFrameWalk(bytes)
      while let frame = walk.next() {
        guard frame.channel == channel, let other = frame.sequenceNumber else { continue }
        if Int16(bitPattern: other &- sequenceNumber) > 0 { return frame.offset }
      }
      return bytes.count
    }
  }

  /// Inserts a packet at a place that ``place(sequenceNumber:channel:)`` returned. It copies: late packets are rare.
  /// False, and nothing changed, when the packet is too long for a frame or the place is outside the run.
  @discardableResult
  public mutating func insert(_ packet: UnsafeRawBufferPointer, channel: UInt8, at place: Int) -> Bool {
    guard place >= 0, place <= length else { return false }
    var whole = RTPFrames(capacity: length &+ packet.count &+ InterleavedFraming.headerLength)
    if let head = bytes.getSlice(at: bytes.readerIndex, length: place) { whole.bytes.writeImmutableBuffer(head) }
    guard whole.append(packet, channel: channel) else { return false }
    if let tail = bytes.getSlice(at: bytes.readerIndex &+ place, length: length &- place) { whole.bytes.writeImmutableBuffer(tail) }
    self = whole
    return true
  }
}
