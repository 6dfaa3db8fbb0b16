public import NIOCore

/// The access unit's id on the wire between our own nodes: an RTP header extension (RFC 8285) of 16 bytes, epoch and number big-endian.
/// The origin stands once, in the SDP.
public struct UnitIDExtension: Hashable, Sendable {
  /// What `a=extmap` names.
  public static let uri = "urn:firstframe:params:unit-id"
  /// The id under which we send it ourselves.
  static let sentID: UInt8 = 1
  /// Bytes of one element's data.
  public static let dataLength = 16
  /// The header extension as ``write(id:packet:into:)`` makes it: head, one element in the one-byte form, three bytes of padding.
  public static let blockLength = 24

  /// Of the publication at the node where the stream was first received.
  public var epoch: UInt64
  /// Of the unit within the epoch.
  public var number: UInt64

  public init(epoch: UInt64, number: UInt64) {
    self.epoch = epoch
    self.number = number
  }

  /// Reads the element `id` of a packet, in the one-byte or the two-byte form; nil when it is absent, not 16 bytes, or badly framed.
  /// - Parameter header: the same packet's.
  @inlinable
  public init?(id: UInt8, packet: UnsafeRawBufferPointer, header: RTPHeader) {
    guard let at = HeaderExtension.find(id, length: UnitIDExtension.dataLength, in: packet, header) else { return nil }
    epoch = UInt64(bigEndian: packet.loadUnaligned(fromByteOffset: at, as: UInt64.self))
    number = UInt64(bigEndian: packet.loadUnaligned(fromByteOffset: at &+ 8, as: UInt64.self))
  }

  /// How many bytes ``write(id:packet:into:)`` appends for a packet.
  @inlinable
  public static func writtenLength(packet: UnsafeRawBufferPointer, header: RTPHeader) -> Int {
    packet.count &+ blockLength &- (header.hasExtension ? header.extensionLength &+ 4 : 0)
  }

  /// Appends the packet with this id as its only header extension; payload and padding stay as they are. An extension that the packet had
  /// is left out: our SDP does not name it, so its ids would mean nothing to the receiver (RFC 8285 §4.1.1).
  /// - Parameter id: 1…14, as `a=extmap` says.
  /// - Returns: false, and nothing appended, when the id is outside that range or the bytes are no RTP packet.
  @inlinable @discardableResult
  public func write(id: UInt8, packet: UnsafeRawBufferPointer, into buffer: inout ByteBuffer) -> Bool {
    guard (1...14).contains(id), let header = RTPHeader(packet) else { return false }
    let sources = header.hasExtension ? header.extensionOffset &- 4 : header.headerLength
    buffer.reserveCapacity(minimumWritableBytes: UnitIDExtension.writtenLength(packet: packet, header: header))
    buffer.writeInteger(packet[0] | 0x10)
    buffer.writeBytes(UnsafeRawBufferPointer(rebasing: packet[1..<sources]))
    buffer.writeInteger(0xBEDE_0005 as UInt32)
    buffer.writeInteger(id << 4 | 0x0F)
    buffer.writeInteger(epoch)
    buffer.writeInteger(number)
    buffer.writeInteger(0 as UInt8)
    buffer.writeInteger(0 as UInt16)
    buffer.writeBytes(UnsafeRawBufferPointer(rebasing: packet[header.headerLength...]))
    return true
  }
}
