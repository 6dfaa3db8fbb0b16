public import NIOCore

extension RTCPPacket {
  /// Appends the packet. Lists longer than the five-bit count are cut at 31, a CNAME or reason at 255 bytes, other bodies at 65 535 words.
  public func write(into buffer: inout ByteBuffer) {
    var body = ByteBuffer()
    let (type, count) = writeBody(&body)
    while body.readableBytes & 3 != 0 { body.writeInteger(0 as UInt8) }
    body = body.readSlice(length: min(body.readableBytes, 65_535 * 4)) ?? body
    buffer.writeInteger(UInt32(0x80 | count & 0x1F) << 24 | UInt32(type) << 16 | UInt32(truncatingIfNeeded: body.readableBytes / 4))
    buffer.writeBuffer(&body)
  }

  /// The packets as one compound (§6.1): the caller puts a report first and a source description second.
  public static func compound(_ packets: [RTCPPacket]) -> ByteBuffer {
    var buffer = ByteBuffer()
    for packet in packets { packet.write(into: &buffer) }
    return buffer
  }

  private func writeBody(_ body: inout ByteBuffer) -> (type: UInt8, count: UInt8) {
    switch self {
    case .senderReport(let report):
      body.writeMultipleIntegers(report.ssrc, report.ntp.rawValue, report.rtpTimestamp, report.packetCount, report.octetCount)
      return (200, RTCPPacket.write(report.reports, &body))
    case .receiverReport(let ssrc, let reports):
      body.writeInteger(ssrc)
      return (201, RTCPPacket.write(reports, &body))
    case .sourceDescription(let names):
      for name in names.prefix(31) { RTCPPacket.write(name, &body) }
      return (202, UInt8(min(31, names.count)))
    case .goodbye(let ssrcs, let reason):
      for ssrc in ssrcs.prefix(31) { body.writeInteger(ssrc) }
      if let reason { RTCPPacket.write(text: reason, &body) }
      return (203, UInt8(min(31, ssrcs.count)))
    case .application(let subtype, let ssrc, let name, let data):
      body.writeInteger(ssrc)
      body.writeBytes((Array(name.utf8) + [32, 32, 32, 32]).prefix(4))
      body.writeBytes(data)
      return (204, subtype & 0x1F)
    case .pictureLoss(let sender, let media):
      body.writeMultipleIntegers(sender, media)
      return (206, 1)
    case .fullIntraRequest(let sender, let entries):
      body.writeMultipleIntegers(sender, 0 as UInt32)
      for entry in entries { body.writeMultipleIntegers(entry.ssrc, UInt32(entry.sequenceNumber) << 24) }
      return (206, 4)
    case .unknown(let type, let count, let bytes):
      body.writeBytes(bytes)
      return (type, count)
    }
  }

  private static func write(_ reports: [ReportBlock], _ body: inout ByteBuffer) -> UInt8 {
    for block in reports.prefix(31) {
      let lost = UInt32(bitPattern: min(0x7F_FFFF, max(-0x80_0000, block.cumulativeLost))) & 0xFF_FFFF
      body.writeMultipleIntegers(block.ssrc, UInt32(block.fractionLost) << 24 | lost, block.extendedHighestSequenceNumber)
      body.writeMultipleIntegers(block.jitter, block.lastSenderReport, block.delaySinceLastSenderReport)
    }
    return UInt8(min(31, reports.count))
  }

  private static func write(_ name: SourceName, _ body: inout ByteBuffer) {
    body.writeInteger(name.ssrc)
    body.writeInteger(1 as UInt8)
    write(text: name.cname, &body)
    // At least one null ends the items, and the chunk ends on a word (§6.5).
    repeat { body.writeInteger(0 as UInt8) } while body.readableBytes & 3 != 0
  }

  private static func write(text: String, _ body: inout ByteBuffer) {
    let bytes = text.utf8.prefix(255)
    body.writeInteger(UInt8(truncatingIfNeeded: bytes.count))
    body.writeBytes(bytes)
  }
}
