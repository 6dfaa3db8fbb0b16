/// One frame as ``RTPFrameWalk`` meets it. Valid only as long as the bytes that are walked.
@frozen
public struct RTPFrame {
  /// Where its `$` lies, in bytes from the walk's beginning.
  public let offset: Int
  /// As the framing says, canonical or a connection's own.
  public let channel: UInt8
  /// Without the framing.
  public let packet: UnsafeRawBufferPointer

  /// Made by ``RTPFrameWalk``, which has checked that the packet is whole.
  @inlinable @inline(__always)
  public init(offset: Int, channel: UInt8, packet: UnsafeRawBufferPointer) {
    self.offset = offset
    self.channel = channel
    self.packet = packet
  }

  /// The track of a canonical channel: RTP on 2 × track, RTCP on the next one.
  @inlinable public var track: Int { Int(channel >> 1) }
  /// Of the whole frame, framing included.
  @inlinable public var length: Int { InterleavedFraming.headerLength &+ packet.count }
  /// Where the packet lies, in bytes from the walk's beginning.
  @inlinable public var packetRange: Range<Int> {
    let from = offset &+ InterleavedFraming.headerLength
    return from..<from &+ packet.count
  }

  /// Nil when the packet is too short for an RTP header.
  @inlinable public var sequenceNumber: UInt16? {
    guard packet.count >= RTPHeader.fixedLength else { return nil }
    return UInt16(bigEndian: packet.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
  }
}
