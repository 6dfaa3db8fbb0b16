internal import NIOCore
internal import Wire

/// The packets of one round, framed and back to back, each track in order of its sequence numbers as far as the round reaches.
struct DatagramBatch {
  private(set) var bytes = ByteBuffer()
  private var expectedBytes = 4096

  var count: Int { bytes.readableBytes }

  mutating func append(_ packet: UnsafeRawBufferPointer, channel: UInt8) {
    if bytes.readableBytes == 0 { bytes = ByteBufferAllocator().buffer(capacity: expectedBytes) }
    InterleavedFraming.append(channel: channel, length: packet.count, to: &bytes)
    bytes.writeBytes(packet)
  }

  /// Where a packet that comes late belongs: before the first of its track with a higher sequence number; the end when there is none.
  func place(sequenceNumber: UInt16, channel: UInt8) -> Int {
    bytes.withUnsafeReadableBytes { all in
      var at = 0
      while case .frame(let found, let length) = InterleavedFraming.find(at: at, in: all) {
        let from = at &+ InterleavedFraming.headerLength
        if found == channel, length >= RTPHeader.fixedLength {
          let other = UInt16(bigEndian: all.loadUnaligned(fromByteOffset: from &+ 2, as: UInt16.self))
          if Int16(bitPattern: other &- sequenceNumber) > 0 { return at }
        }
        at = from &+ length
      }
      return all.count
    }
  }

  /// Inserts a packet at a place that ``place(sequenceNumber:channel:)`` told. Rare, so it copies.
  mutating func insert(_ packet: UnsafeRawBufferPointer, channel: UInt8, at place: Int) {
    var whole = ByteBufferAllocator().buffer(capacity: count &+ packet.count &+ InterleavedFraming.headerLength)
    if let head = bytes.getSlice(at: bytes.readerIndex, length: place) { whole.writeImmutableBuffer(head) }
    InterleavedFraming.append(channel: channel, length: packet.count, to: &whole)
    whole.writeBytes(packet)
    if let tail = bytes.getSlice(at: bytes.readerIndex &+ place, length: count &- place) { whole.writeImmutableBuffer(tail) }
    bytes = whole
  }

  /// Hands the bytes over and begins the next round.
  mutating func take() -> ByteBuffer {
    let taken = bytes
    expectedBytes = min(256 << 10, max(4096, taken.readableBytes, expectedBytes / 2))
    bytes = ByteBuffer()
    return taken
  }
}
