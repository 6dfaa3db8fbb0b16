public import Model

extension RTPUnitAssembler {
  /// The short way for most packets of a picture: the middle of the fragmented NAL unit that the packet before it belongs to
  /// (RFC 6184 §5.8, RFC 7798 §4.4.3). That one has settled all that
  /// ``receive(_:packet:arrival:numbering:unitID:into:)`` would find out.
  /// - Parameters:
  ///   - packet: a whole RTP packet.
  ///   - payloadType: the track's.
  ///   - shift: what was added, modulo 2³², to the timestamp of the packet before.
  /// - Returns: its sequence number and timestamp; nil, and nothing is changed, when the packet is anything else.
  public mutating func receiveContinuation(
    _ packet: UnsafeRawBufferPointer, payloadType: UInt8, shift: UInt32 = 0, arrival: BootTime
  ) -> (sequenceNumber: UInt16, timestamp: UInt32)? {
    let header = RTPHeader.fixedLength
    guard builder.hasOpenFragment, packet.count > header &+ 3, order.window.isEmpty,
      // No padding, extension, contributing sources or marker.
      packet[0] == 0x80, packet[1] == payloadType
    else { return nil }
    let sequenceNumber = UInt16(bigEndian: packet.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
    let timestamp = UInt32(bigEndian: packet.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
    guard sequenceNumber == order.expected, timestamp &+ shift == clock.timestamp,
      order.ssrc == UInt32(bigEndian: packet.loadUnaligned(fromByteOffset: 8, as: UInt32.self)),
      let length = middleLength(packet, at: header)
    else { return nil }
    counted.packets &+= 1
    order.passExpected()
    clock.arrival = arrival
    builder.note(arrival: arrival)
    builder.continueFragment(UnsafeRawBufferPointer(rebasing: packet[header &+ length..<packet.count]))
    return (sequenceNumber, timestamp)
  }

  /// Bytes before the fragment in a payload that neither begins nor ends a NAL unit; nil for every other payload. Four bytes are there.
  private func middleLength(_ packet: UnsafeRawBufferPointer, at payload: Int) -> Int? {
    if track.codec == .h264 {
      return packet[payload] & 0x9F == H264NALType.fragmentation.rawValue && packet[payload &+ 1] & 0xC0 == 0 ? 2 : nil
    }
    return packet[payload] & 0xFE == H265NALType.fragmentation.rawValue << 1 && packet[payload &+ 2] & 0xC0 == 0 ? 3 : nil
  }
}
