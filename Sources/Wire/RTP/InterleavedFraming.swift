public import NIOCore

/// RTP and RTCP inside the RTSP connection (RFC 2326 §10.12): `$`, channel, length (16 bits big-endian), packet.
public enum InterleavedFraming {
  /// `$`
  public static let magic: UInt8 = 0x24
  /// Bytes before the packet.
  public static let headerLength = 4
  /// The length has 16 bits.
  public static let maximumPacketLength = 65_535

  /// What begins at an offset of received bytes.
  public enum Found: Hashable, Sendable {
    /// A whole frame: the packet is `length` bytes at the offset + ``headerLength``.
    case frame(channel: UInt8, length: Int)
    /// A frame of which `missing` bytes at least have not come yet.
    case partial(missing: Int)
    /// Another byte than `$`: RTSP text, or an error.
    case other
  }

  /// Looks at the bytes from an offset on; never past their end.
  @inlinable @inline(__always)
  public static func find(at offset: Int, in bytes: UnsafeRawBufferPointer) -> Found {
    guard offset >= 0, offset < bytes.count else { return .partial(missing: headerLength) }
    guard bytes[offset] == magic else { return .other }
    let available = bytes.count &- offset
    guard available >= headerLength else { return .partial(missing: headerLength &- available) }
    let length = Int(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: offset &+ 2, as: UInt16.self)))
    let missing = headerLength &+ length &- available
    return missing > 0 ? .partial(missing: missing) : .frame(channel: bytes[offset &+ 1], length: length)
  }

  /// Writes the four bytes at an offset; false, and nothing written, when they do not fit or the length is not one of 16 bits.
  @inlinable @discardableResult
  public static func write(channel: UInt8, length: Int, at offset: Int = 0, in bytes: UnsafeMutableRawBufferPointer) -> Bool {
    guard offset >= 0, bytes.count &- offset >= headerLength, let length = UInt16(exactly: length) else { return false }
    bytes[offset] = magic
    bytes[offset &+ 1] = channel
    bytes.storeBytes(of: length.bigEndian, toByteOffset: offset &+ 2, as: UInt16.self)
    return true
  }

  /// Appends the four bytes; false, and nothing appended, when the length is not one of 16 bits.
  @inlinable @discardableResult
  public static func append(channel: UInt8, length: Int, to buffer: inout ByteBuffer) -> Bool {
    guard let length = UInt16(exactly: length) else { return false }
    buffer.writeInteger(UInt32(magic) << 24 | UInt32(channel) << 16 | UInt32(length))
    return true
  }

  /// Rewrites the channel of a frame that lies at an offset; false when there is none.
  @inlinable @discardableResult
  public static func setChannel(_ channel: UInt8, at offset: Int = 0, in bytes: UnsafeMutableRawBufferPointer) -> Bool {
    guard offset >= 0, bytes.count &- offset >= headerLength, bytes[offset] == magic else { return false }
    bytes[offset &+ 1] = channel
    return true
  }
}
