public import Model

/// When a key unit was about to be written, on the wire between our own nodes: an RTP header extension (RFC 8285) of 8 bytes, the sender's boot
/// clock in nanoseconds, big-endian, in the unit's first packet (E6, measurement.md §4.1).
public enum SentTimeExtension {
  /// What `a=extmap` names.
  public static let uri = "urn:firstframe:params:sent-time"
  /// The id under which we send it ourselves.
  static let sentID: UInt8 = 2
  /// Bytes of the element's data.
  public static let dataLength = 8

  /// The element `id` of a packet, on the sender's clock; nil when it is absent or badly framed.
  @inlinable
  public static func read(id: UInt8, packet: UnsafeRawBufferPointer, header: RTPHeader) -> BootTime? {
    guard let at = HeaderExtension.find(id, length: dataLength, in: packet, header) else { return nil }
    return BootTime(nanoseconds: Int64(bigEndian: packet.loadUnaligned(fromByteOffset: at, as: Int64.self)))
  }
}
