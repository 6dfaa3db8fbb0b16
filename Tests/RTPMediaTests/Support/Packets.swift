import Model
import NIOCore
import Wire

/// RTP packets of an H.264 stream, byte by byte.
enum Packets {
  static let ssrc: UInt32 = 0x0BAD_CAFE
  static let sps: [UInt8] = [
    0x67, 0x42, 0xC0, 0x1F, 0xD9, 0x00, 0x50, 0x05, 0xBB, 0x01, 0x6A, 0x02, 0x02, 0x02, 0x80, 0x00, 0x00, 0x03, 0x00, 0x80, 0x00, 0x00,
    0x19, 0x07, 0x8C, 0x19, 0x24,
  ]
  static let pps: [UInt8] = [0x68, 0xCB, 0x83, 0xCB, 0x20]
  /// A whole key picture and a whole other one, in one NAL unit each.
  static let key: [UInt8] = [0x65, 0x88, 0x84, 0x21]
  static let other: [UInt8] = [0x41, 0x9A, 0x21, 0x43, 0x65]
  static let track = Track(index: 0, codec: .h264, clockRate: 90_000, parameters: .h264(sps: [sps], pps: [pps]))
  static let name = StreamName("live/cam1")!  // A valid name.
  static let origin = UnitOrigin(node: "here", path: name)

  static func packet(
    _ sequenceNumber: UInt16, time: UInt32, _ payload: [UInt8], marker: Bool = false, payloadType: UInt8 = 96, ssrc: UInt32 = Packets.ssrc
  ) -> [UInt8] {
    var buffer = ByteBuffer()
    buffer.writeInteger(UInt8(0x80))
    buffer.writeInteger(payloadType | (marker ? 0x80 : 0))
    buffer.writeInteger(sequenceNumber)
    buffer.writeInteger(time)
    buffer.writeInteger(ssrc)
    buffer.writeBytes(payload)
    return Array(buffer.readableBytesView)
  }

  /// The length of a packet's frame.
  static func frame(_ packet: [UInt8]) -> Int { packet.count + InterleavedFraming.headerLength }

  /// The sequence numbers of framed packets, in their order.
  static func numbers(_ framed: ByteBuffer) -> [UInt16] {
    framed.withUnsafeReadableBytes { bytes in RTPFrameWalk(bytes).map { $0.sequenceNumber ?? 0 } }
  }
}

extension ByteBuffer {
  /// The parts of an RTCP compound packet.
  var compound: [RTCPPacket] { withUnsafeReadableBytes { RTCPPacket.parseCompound($0) } }
}
