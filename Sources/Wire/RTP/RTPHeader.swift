/// The header of one RTP packet (RFC 3550 §5.1), read without allocation; offsets are from the packet's first byte.
public struct RTPHeader: Hashable, Sendable {
  /// Bytes of the fixed part.
  public static let fixedLength = 12

  /// 0…127.
  public let payloadType: UInt8
  /// Of video: the packet ends an access unit (RFC 6184 §5.1).
  public let marker: Bool
  /// Goes up by one with each packet of the source, modulo 2¹⁶.
  public let sequenceNumber: UInt16
  /// Sampling instant in ticks of the payload's clock, from a random origin, modulo 2³².
  /// Variable for whoever repairs a sender's clock before the packet is assembled.
  public var timestamp: UInt32
  /// Synchronisation source.
  public let ssrc: UInt32
  /// Bytes before the payload: fixed part, contributing sources and extension.
  public let headerLength: Int
  /// Bytes of payload, without padding.
  public let payloadLength: Int
  /// The padding bit is set, and the count in the last byte is 0 or does not fit: the payload is taken to have none. Players do the same.
  public let hasWrongPadding: Bool
  /// The 16 bits "defined by profile" of the header extension; 0 when ``hasExtension`` is false.
  public let extensionProfile: UInt16
  /// The X bit.
  public let hasExtension: Bool
  /// Where the extension's own bytes lie, its four-byte head excluded.
  public let extensionOffset: Int
  /// Bytes of the extension, a multiple of 4.
  public let extensionLength: Int

  /// Nil when the version is not 2, or when sources or extension do not fit into the packet.
  @inlinable
  public init?(_ packet: UnsafeRawBufferPointer) {
    guard packet.count >= RTPHeader.fixedLength, packet[0] >> 6 == 2 else { return nil }
    let first = packet[0]
    payloadType = packet[1] & 0x7F
    marker = packet[1] & 0x80 != 0
    sequenceNumber = UInt16(bigEndian: packet.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
    timestamp = UInt32(bigEndian: packet.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
    ssrc = UInt32(bigEndian: packet.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
    var length = RTPHeader.fixedLength &+ Int(first & 0x0F) &* 4
    hasExtension = first & 0x10 != 0
    if hasExtension {
      guard packet.count >= length &+ 4 else { return nil }
      extensionProfile = UInt16(bigEndian: packet.loadUnaligned(fromByteOffset: length, as: UInt16.self))
      extensionOffset = length &+ 4
      extensionLength = Int(UInt16(bigEndian: packet.loadUnaligned(fromByteOffset: length &+ 2, as: UInt16.self))) &* 4
      length = extensionOffset &+ extensionLength
    } else {
      extensionProfile = 0
      extensionOffset = length
      extensionLength = 0
    }
    guard packet.count >= length else { return nil }
    headerLength = length
    let rest = packet.count &- length
    if first & 0x20 == 0 {
      hasWrongPadding = false
      payloadLength = rest
    } else {
      let padding = Int(packet[packet.count &- 1])
      hasWrongPadding = padding == 0 || padding > rest
      payloadLength = hasWrongPadding ? rest : rest &- padding
    }
  }

  /// Bytes of the packet that are payload.
  public var payloadRange: Range<Int> { headerLength..<headerLength &+ payloadLength }
  /// Bytes of the packet that are the extension's elements.
  public var extensionRange: Range<Int> { extensionOffset..<extensionOffset &+ extensionLength }
}
