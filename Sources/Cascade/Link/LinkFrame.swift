internal import Model
internal import NIOCore

/// A control link's framing: four bytes of length, big-endian, then that many bytes.
enum LinkFrame {
  /// Of a frame between two ends that know each other.
  static let maximum = 1 << 20
  /// Of a frame of somebody who has proven nothing: an introduction, a proof, a pairing request.
  static let maximumOfStranger = 4096

  /// The next whole frame, or nil until more bytes come. Throws for a length beyond `limit`.
  static func read(_ buffer: inout ByteBuffer, limit: Int = maximum) throws(Fault) -> [UInt8]? {
    guard let length: UInt32 = buffer.getInteger(at: buffer.readerIndex) else { return nil }
    guard length <= limit else { throw Fault(.linkMalformed, "a frame of \(length) bytes") }
    guard buffer.readableBytes >= 4 + Int(length) else { return nil }
    buffer.moveReaderIndex(forwardBy: 4)
    return buffer.readBytes(length: Int(length))
  }

  static func write(_ bytes: [UInt8], into buffer: inout ByteBuffer) {
    buffer.writeInteger(UInt32(clamping: bytes.count))
    buffer.writeBytes(bytes)
  }
}
