public import NIOCore

/// Writes messages as RTMP chunks (RTMP 1.0 §5.3). Every message begins with a type 0 header, so what it writes depends on nothing written
/// before: the same bytes serve every reader, whenever it came.
public struct RTMPChunkEncoder: Sendable {
  /// What we announce and write with: most pictures fit one chunk, and no known client refuses it.
  public static let agreedChunkSize = 65_536

  /// Outgoing chunk size in bytes, 1…
  public var chunkSize: Int

  /// - Parameter chunkSize: bytes; 128 until Set Chunk Size says otherwise (§5.4.1).
  public init(chunkSize: Int = 128) { self.chunkSize = max(1, chunkSize) }

  /// Appends a message, cut into chunks.
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
    let header = ChunkHeader(id: id, timestamp: timestamp, length: length, kind: kind, stream: stream)
    // Header and head in one go: each write of its own would cost as much as both.
    buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: ChunkHeader.room + body.readableBytes) { target in
      header.write(head, into: target)
    }
    var room = max(0, chunkSize - head.count)
    if body.readableBytes <= room {
      buffer.writeImmutableBuffer(body)
      return
    }
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

/// A type 0 chunk header: basic header, 3 bytes timestamp, 3 bytes length, 1 byte type, 4 bytes stream id in little-endian, and the extended
/// timestamp where it has one (§5.3.1).
private struct ChunkHeader {
  /// The longest header and tag head together.
  static let room = 24

  var id: UInt8
  var timestamp: UInt32
  var length: Int
  var kind: RTMPMessage.Kind
  var stream: UInt32

  /// - Returns: bytes written; 0 when there is no room.
  func write(_ head: FLVTagHead, into target: UnsafeMutableRawBufferPointer) -> Int {
    guard target.count >= ChunkHeader.room else { return 0 }
    let extended = timestamp >= 0xFF_FFFF
    let time = UInt64(extended ? 0xFF_FFFF : timestamp)
    let fields = time << 40 | UInt64(truncatingIfNeeded: length) << 16 | UInt64(kind.rawValue) << 8 | UInt64(stream & 0xFF)
    target.storeBytes(of: id, as: UInt8.self)
    target.storeBytes(of: fields.bigEndian, toByteOffset: 1, as: UInt64.self)
    target.storeBytes(of: (stream >> 8).littleEndian, toByteOffset: 9, as: UInt32.self)
    var at = 12
    if extended {
      target.storeBytes(of: timestamp.bigEndian, toByteOffset: at, as: UInt32.self)
      at += 4
    }
    target.storeBytes(of: head.bits.bigEndian, toByteOffset: at, as: UInt64.self)
    return at + head.count
  }
}
