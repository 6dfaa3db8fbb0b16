import Model
import NIOCore
import Wire

/// Feeds packets to an assembler as a socket would and keeps what came of it.
struct RTPBench {
  var assembler: RTPUnitAssembler
  var units: [AccessUnit] = []
  var roles: [PacketRole] = []
  var numbering: UInt64 = 0
  var now = BootTime(nanoseconds: 1_000_000_000)
  var extensionID: UInt8?
  /// Set to take the short way where it is open, as the gateway does; it counts how often it was.
  var continuations: Int?

  init(_ track: Track, format: RTPPayloadFormat = RTPPayloadFormat(), reorder: Bool = false, idsMarkStarts: Bool = false, audioIsKey: Bool = false) {
    assembler = RTPUnitAssembler(
      track: track, format: format, origin: MediaClip.origin, epoch: 9, reorder: reorder, idsMarkStarts: idsMarkStarts,
      audioIsKey: audioIsKey)
  }

  /// One packet, `step` nanoseconds after the one before.
  mutating func receive(_ packet: [UInt8], step: Int64 = 100_000) {
    now = now + Nanoseconds(step)
    packet.withUnsafeBytes { bytes in
      if let taken = continuations, assembler.receiveContinuation(bytes, payloadType: 96, arrival: now) != nil {
        continuations = taken + 1
        return roles.append([])
      }
      guard let header = RTPHeader(bytes) else { return roles.append([]) }
      let id = extensionID.flatMap { UnitIDExtension(id: $0, packet: bytes, header: header) }.map { ($0.epoch, $0.number) }
      roles.append(assembler.receive(header, packet: bytes, arrival: now, numbering: &numbering, unitID: id, into: &units))
    }
  }

  mutating func receive(_ packets: [[UInt8]]) { for packet in packets { receive(packet) } }

  mutating func flush() { assembler.flush(numbering: &numbering, into: &units) }

  /// The packets inside RTSP's interleaved frames; nil when the framing is broken.
  static func packets(_ buffer: ByteBuffer, channel: UInt8 = 0) -> [[UInt8]]? {
    var rest = buffer
    var found: [[UInt8]] = []
    while rest.readableBytes > 0 {
      guard rest.readInteger(as: UInt8.self) == 0x24, rest.readInteger(as: UInt8.self) == channel,
        let length = rest.readInteger(as: UInt16.self), let packet = rest.readBytes(length: Int(length))
      else { return nil }
      found.append(packet)
    }
    return found
  }

  /// The units' packets, unit by unit.
  static func packetize(_ units: [AccessUnit], _ packetizer: inout RTPPacketizer, channel: UInt8 = 0) -> [[[UInt8]]] {
    units.map { unit in
      var buffer = ByteBuffer()
      packetizer.packetize(unit, channel: channel, into: &buffer)
      return packets(buffer, channel: channel) ?? []
    }
  }
}

extension AccessUnit {
  var bytes: [UInt8] { Array(buffer: payload) }
  var nals: [[UInt8]] { nalUnits.map { Array(buffer: $0) } }
  func vcl(_ codec: Codec) -> [[UInt8]] {
    var found: [[UInt8]] = []
    forEachVCLBytes(self, codec: codec) { found.append(Array($0)) }
    return found
  }
}
