internal import NIOCore

extension RTCPPacket {
  /// The packets of a compound, as far as it is well framed; empty when it does not begin with RTCP. A packet whose body is shorter than its
  /// type demands ends the list. Trap-free on any bytes.
  public static func parseCompound(_ bytes: UnsafeRawBufferPointer) -> [RTCPPacket] {
    var rest = ByteBuffer(bytes: bytes)
    var packets: [RTCPPacket] = []
    while let packet = parseOne(&rest) { packets.append(packet) }
    return packets
  }

  private static func parseOne(_ rest: inout ByteBuffer) -> RTCPPacket? {
    guard let head = rest.readInteger(as: UInt32.self), head >> 30 == 2,
      var body = rest.readSlice(length: Int(head & 0xFFFF) &* 4)
    else { return nil }
    if head & 0x2000_0000 != 0 {
      // Padding stands at the end of the last packet (§6.4.1), its count in the last byte.
      guard let last = body.getInteger(at: body.writerIndex &- 1, as: UInt8.self), last > 0,
        Int(last) <= body.readableBytes, let kept = body.readSlice(length: body.readableBytes &- Int(last))
      else { return nil }
      body = kept
    }
    let count = UInt8(truncatingIfNeeded: head >> 24) & 0x1F
    let type = UInt8(truncatingIfNeeded: head >> 16)
    switch (type, count) {
    case (200, _): return senderReport(&body, Int(count))
    case (201, _): return receiverReport(&body, Int(count))
    case (202, _): return sourceDescription(&body, Int(count))
    case (203, _): return goodbye(&body, Int(count))
    case (204, _): return application(&body, count)
    case (206, 1): return pictureLoss(&body)
    case (206, 4): return fullIntraRequest(&body)
    default: return .unknown(type: type, count: count, body: Array(body.readableBytesView))
    }
  }

  private static func senderReport(_ body: inout ByteBuffer, _ count: Int) -> RTCPPacket? {
    guard let (ssrc, ntp) = body.readMultipleIntegers(as: (UInt32, UInt64).self),
      let (timestamp, packets, octets) = body.readMultipleIntegers(as: (UInt32, UInt32, UInt32).self),
      let reports = reportBlocks(&body, count)
    else { return nil }
    return .senderReport(
      SenderReport(
        ssrc: ssrc, ntp: NTPTime(rawValue: ntp), rtpTimestamp: timestamp, packetCount: packets, octetCount: octets, reports: reports))
  }

  private static func receiverReport(_ body: inout ByteBuffer, _ count: Int) -> RTCPPacket? {
    guard let ssrc = body.readInteger(as: UInt32.self), let reports = reportBlocks(&body, count) else { return nil }
    return .receiverReport(ssrc: ssrc, reports: reports)
  }

  private static func reportBlocks(_ body: inout ByteBuffer, _ count: Int) -> [ReportBlock]? {
    var blocks: [ReportBlock] = []
    for _ in 0..<count {
      guard let (ssrc, loss, highest) = body.readMultipleIntegers(as: (UInt32, UInt32, UInt32).self),
        let (jitter, last, delay) = body.readMultipleIntegers(as: (UInt32, UInt32, UInt32).self)
      else { return nil }
      blocks.append(
        ReportBlock(
          ssrc: ssrc, fractionLost: UInt8(truncatingIfNeeded: loss >> 24), cumulativeLost: Int32(bitPattern: loss << 8) >> 8,
          extendedHighestSequenceNumber: highest, jitter: jitter, lastSenderReport: last, delaySinceLastSenderReport: delay))
    }
    return blocks
  }

  private static func sourceDescription(_ body: inout ByteBuffer, _ count: Int) -> RTCPPacket? {
    var names: [SourceName] = []
    for _ in 0..<count {
      guard let ssrc = body.readInteger(as: UInt32.self), let cname = cname(&body) else { return nil }
      names.append(SourceName(ssrc: ssrc, cname: cname))
    }
    return .sourceDescription(names)
  }

  /// Reads one chunk's items up to its null and the padding to 32 bits (§6.5); nil when the null is missing.
  private static func cname(_ body: inout ByteBuffer) -> String? {
    let start = body.readerIndex
    var cname = ""
    while let item = body.readInteger(as: UInt8.self) {
      if item == 0 {
        let used = (body.readerIndex &- start) & 3
        if used > 0 { body.moveReaderIndex(forwardBy: min(4 - used, body.readableBytes)) }
        return cname
      }
      guard let length = body.readInteger(as: UInt8.self), let text = body.readBytes(length: Int(length)) else { return nil }
      if item == 1 { cname = String(decoding: text, as: UTF8.self) }
    }
    return nil
  }

  private static func goodbye(_ body: inout ByteBuffer, _ count: Int) -> RTCPPacket? {
    var ssrcs: [UInt32] = []
    for _ in 0..<count {
      guard let ssrc = body.readInteger(as: UInt32.self) else { return nil }
      ssrcs.append(ssrc)
    }
    let reason = body.readInteger(as: UInt8.self).flatMap { body.readBytes(length: Int($0)) }
    return .goodbye(ssrcs: ssrcs, reason: reason.map { String(decoding: $0, as: UTF8.self) })
  }

  private static func application(_ body: inout ByteBuffer, _ subtype: UInt8) -> RTCPPacket? {
    guard let ssrc = body.readInteger(as: UInt32.self), let name = body.readBytes(length: 4) else { return nil }
    return .application(subtype: subtype, ssrc: ssrc, name: String(decoding: name, as: UTF8.self), data: Array(body.readableBytesView))
  }

  private static func pictureLoss(_ body: inout ByteBuffer) -> RTCPPacket? {
    guard let (sender, media) = body.readMultipleIntegers(as: (UInt32, UInt32).self) else { return nil }
    return .pictureLoss(sender: sender, media: media)
  }

  private static func fullIntraRequest(_ body: inout ByteBuffer) -> RTCPPacket? {
    guard let (sender, _) = body.readMultipleIntegers(as: (UInt32, UInt32).self) else { return nil }
    var entries: [IntraRequest] = []
    while let (ssrc, number) = body.readMultipleIntegers(as: (UInt32, UInt32).self) {
      entries.append(IntraRequest(ssrc: ssrc, sequenceNumber: UInt8(truncatingIfNeeded: number >> 24)))
    }
    return .fullIntraRequest(sender: sender, entries: entries)
  }
}
