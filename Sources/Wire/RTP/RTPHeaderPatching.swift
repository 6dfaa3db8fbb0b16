/// Rewrites one field of an RTP packet where it lies. Each returns false, and touches nothing, when the buffer is too short for a header.
extension RTPHeader {
  /// False when the packet is shorter than a header.
  @inlinable @discardableResult
  public static func setSequenceNumber(_ value: UInt16, in packet: UnsafeMutableRawBufferPointer) -> Bool {
    guard packet.count >= fixedLength else { return false }
    packet.storeBytes(of: value.bigEndian, toByteOffset: 2, as: UInt16.self)
    return true
  }

  /// False when the packet is shorter than a header.
  @inlinable @discardableResult
  public static func setTimestamp(_ value: UInt32, in packet: UnsafeMutableRawBufferPointer) -> Bool {
    guard packet.count >= fixedLength else { return false }
    packet.storeBytes(of: value.bigEndian, toByteOffset: 4, as: UInt32.self)
    return true
  }

  /// False when the packet is shorter than a header.
  @inlinable @discardableResult
  public static func setSSRC(_ value: UInt32, in packet: UnsafeMutableRawBufferPointer) -> Bool {
    guard packet.count >= fixedLength else { return false }
    packet.storeBytes(of: value.bigEndian, toByteOffset: 8, as: UInt32.self)
    return true
  }

  /// Keeps the marker; the value's highest bit is ignored.
  @inlinable @discardableResult
  public static func setPayloadType(_ value: UInt8, in packet: UnsafeMutableRawBufferPointer) -> Bool {
    guard packet.count >= fixedLength else { return false }
    packet[1] = packet[1] & 0x80 | value & 0x7F
    return true
  }
}
