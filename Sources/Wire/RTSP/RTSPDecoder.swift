public import NIOCore

/// Reads RTSP messages from a stream of bytes (RFC 2326 §4); `$` frames are only pointed at, for the caller has a faster way to read them.
///
/// LF alone ends a line as CRLF does, and empty lines before a message are passed over. Trap-free on any bytes; after an error the
/// connection is of no more use.
public struct RTSPDecoder: Sendable {
  /// Limits of one message: start line and header fields together, their lines, body.
  public static let maximumHeaderLength = 16 * 1024
  /// Header fields and start line.
  public static let maximumLines = 128
  /// Bytes; SDP of sixteen tracks has a few thousand.
  public static let maximumBodyLength = 64 * 1024

  /// What lies at the front of the bytes.
  public enum Item: Hashable, Sendable {
    case request(RTSPRequest)
    case response(RTSPResponse)
    /// A `$` frame begins at the reader index; nothing of it has been consumed. `length` is the packet's, after ``InterleavedFraming/headerLength``.
    case interleaved(channel: UInt8, length: Int)
  }

  /// Bytes after the reader index in which no end of the header was found, so that slow senders cost no second search.
  private var searched = 0

  public init() {}

  /// The next item, or nil when more bytes are needed. The caller only appends to the buffer while nil is returned.
  public mutating func next(_ buffer: inout ByteBuffer) throws(RTSPDecodingError) -> Item? {
    skipEmptyLines(&buffer)
    guard let first = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) else { return nil }
    if first == InterleavedFraming.magic {
      guard let head = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self) else { return nil }
      return .interleaved(channel: UInt8(truncatingIfNeeded: head >> 16), length: Int(head & 0xFFFF))
    }
    guard let headerLength = try endOfHeader(buffer) else { return nil }
    guard let text = buffer.getSlice(at: buffer.readerIndex, length: headerLength) else { return nil }
    let head = try RTSPHeaderBlock(text)
    let bodyLength = try head.bodyLength()
    guard buffer.readableBytes - headerLength >= bodyLength else { return nil }
    buffer.moveReaderIndex(forwardBy: headerLength)
    let body = buffer.readBytes(length: bodyLength) ?? []
    searched = 0
    return try head.item(body: body)
  }

  private mutating func skipEmptyLines(_ buffer: inout ByteBuffer) {
    while let byte = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self), byte == 13 || byte == 10 {
      buffer.moveReaderIndex(forwardBy: 1)
      searched = 0
    }
  }

  /// Bytes up to and including the empty line.
  private mutating func endOfHeader(_ buffer: ByteBuffer) throws(RTSPDecodingError) -> Int? {
    let from = min(searched, buffer.readableBytes)
    let found = buffer.withUnsafeReadableBytes { bytes -> Int? in
      var at = from
      while at < bytes.count {
        if bytes[at] == 10 {
          if at >= 1, bytes[at &- 1] == 10 { return at &+ 1 }
          if at >= 2, bytes[at &- 1] == 13, bytes[at &- 2] == 10 { return at &+ 1 }
        }
        at &+= 1
      }
      return nil
    }
    let length = found ?? buffer.readableBytes
    guard length <= RTSPDecoder.maximumHeaderLength else { throw .headerTooLong }
    if found == nil { searched = buffer.readableBytes }
    return found
  }
}
