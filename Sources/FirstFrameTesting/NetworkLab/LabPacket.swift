/// What the lab reads of an IPv4 packet's headers. Zeros where it is not what it seems.
struct LabPacket {
  var kind = PacketClass.other
  var sourcePort: UInt16 = 0
  var destinationPort: UInt16 = 0
  var rtp: (sequenceNumber: UInt16, timestamp: UInt32, marker: Bool)?
  var tcp: (sequence: UInt32, acknowledgement: UInt32, payload: Int)?

  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= 20, bytes[0] >> 4 == 4 else { return nil }
    let header = Int(bytes[0] & 15) * 4
    guard bytes.count >= header + 8 else { return }
    func number16(_ at: Int) -> UInt16 { UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: header + at, as: UInt16.self)) }
    func number32(_ at: Int) -> UInt32 { UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: header + at, as: UInt32.self)) }
    switch bytes[9] {
    case 17:
      (sourcePort, destinationPort) = (number16(0), number16(2))
      kind = destinationPort % 2 == 0 ? .media : .control
      guard kind == .media, bytes.count >= header + 20, bytes[header + 8] >> 6 == 2 else { return }
      rtp = (number16(10), number32(12), bytes[header + 9] & 0x80 != 0)
    case 6:
      (sourcePort, destinationPort, kind) = (number16(0), number16(2), .tcp)
      guard bytes.count >= header + 20 else { return }
      tcp = (number32(4), number32(8), max(0, bytes.count - header - Int(bytes[header + 12] >> 4) * 4))
    default: return
    }
  }
}
