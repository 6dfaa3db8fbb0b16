internal import Model
internal import NIOCore

/// A control link's framing: four bytes of length, big-endian, then that many bytes.
enum LinkFrame {
  static let maximum = 1 << 20

  /// The next whole frame, or nil until more bytes come. Throws for a length beyond ``maximum``.
  static func read(_ buffer: inout ByteBuffer) throws(Fault) -> [UInt8]? {
    guard let length: UInt32 = buffer.getInteger(at: buffer.readerIndex) else { return nil }
    guard length <= maximum else { throw Fault(.linkMalformed, "a frame of \(length) bytes") }
    guard buffer.readableBytes >= 4 + Int(length) else { return nil }
    buffer.moveReaderIndex(forwardBy: 4)
    return buffer.readBytes(length: Int(length))
  }

  static func write(_ bytes: [UInt8], into buffer: inout ByteBuffer) {
    buffer.writeInteger(UInt32(clamping: bytes.count))
    buffer.writeBytes(bytes)
  }
}
