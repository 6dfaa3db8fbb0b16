public import NIOCore

/// Writes messages as RTMP chunks (RTMP 1.0 §5.3). Every message begins with a type 0 header, so what it writes depends on nothing written
/// before: the same bytes serve every reader, whenever it came.
public struct RTMPChunkEncoder: Sendable {
  /// What we announce and write with: most pictures fit one chunk, and no known client refuses it.
  public static let agreedChunkSize = 65_536

  /// Outgoing chunk size in bytes, 1…
  public var chunkSize: Int

  public init(chunkSize: Int = 128) { self.chunkSize = max(1, chunkSize) }

  public func write(_ message: RTMPMessage, into buffer: inout ByteBuffer) {
    write(
      message.kind, chunkStream: message.chunkStream, stream: message.stream, timestamp: message.timestamp, head: FLVTagHead(),
      body: message.payload, into: &buffer)
  }

  /// - Parameters:
  ///   - chunkStream: 2…63.
  ///   - timestamp: milliseconds, modulo 2^32.
  ///   - head: written before `body` as part of the same message.
  public func write(
    _ kind: RTMPMessage.Kind, chunkStream: Int, stream: UInt32, timestamp: UInt32, head: FLVTagHead, body: ByteBuffer,
    into buffer: inout ByteBuffer
  ) {
    let id = UInt8(truncatingIfNeeded: min(63, max(2, chunkStream)))
    let extended = timestamp >= 0xFF_FFFF
    let length = min(head.count + body.readableBytes, 0xFF_FFFF)
    let time = extended ? 0xFF_FFFF : timestamp
    // §5.3.1.2: 3 bytes timestamp, 3 bytes length, 1 byte type, 4 bytes stream id in little-endian.
    buffer.writeInteger(id)
    buffer.writeInteger(UInt64(time) << 40 | UInt64(length) << 16 | UInt64(kind.rawValue) << 8 | UInt64(stream & 0xFF))
    buffer.writeInteger(UInt16(truncatingIfNeeded: stream >> 8), endianness: .little)
    buffer.writeInteger(UInt8(truncatingIfNeeded: stream >> 24))
    if extended { buffer.writeInteger(timestamp) }
    head.write(into: &buffer)
    var room = max(0, chunkSize - head.count)
    var at = body.readerIndex
    var left = length - head.count
    while left > 0 {
      if room == 0 {
        buffer.writeInteger(0xC0 | id)
        if extended { buffer.writeInteger(timestamp) }
        room = chunkSize
      }
      let count = min(left, room)
      guard let piece = body.getSlice(at: at, length: count) else { return }
      buffer.writeImmutableBuffer(piece)
      at += count
      left -= count
      room = 0
    }
  }
}
