import Model
import NIOCore
import Testing
import Wire

@Suite("The unit id in RTP packets, and RTP inside RTSP")
struct RTPHeaderExtensionTests {
  private func read(_ packet: [UInt8], id: UInt8) -> UnitIDExtension? {
    packet.withUnsafeBytes { bytes in RTPHeader(bytes).flatMap { UnitIDExtension(id: id, packet: bytes, header: $0) } }
  }

  private let plain: [UInt8] = [0x80, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0x65, 0x66]

  @Test("inserting gives the bytes of RFC 8285's one-byte form, 24 more than before")
  func bytes() {
    var out = ByteBuffer()
    let length = plain.withUnsafeBytes { packet -> Int in
      #expect(UnitIDExtension(epoch: 0x0102_0304_0506_0708, number: 0x1112_1314_1516_1718).write(id: 5, packet: packet, into: &out))
      return RTPHeader(packet).map { UnitIDExtension.writtenLength(packet: packet, header: $0) } ?? 0
    }
    let expected: [UInt8] =
      [0x90, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3] + [0xBE, 0xDE, 0, 5, 0x5F, 1, 2, 3, 4, 5, 6, 7, 8]
      + [0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0, 0, 0] + [0x65, 0x66]
    #expect(Array(out.readableBytesView) == expected)
    #expect(length == expected.count)
    #expect(expected.count == plain.count + UnitIDExtension.blockLength)
    #expect(read(expected, id: 5) == UnitIDExtension(epoch: 0x0102_0304_0506_0708, number: 0x1112_1314_1516_1718))
    #expect(read(expected, id: 4) == nil)
  }

  @Test("sources and padding stay, an extension of the publisher's makes way")
  func replacing() throws {
    var out = ByteBuffer()
    let sample = RTPHeaderTests.full
    sample.withUnsafeBytes { _ = UnitIDExtension(epoch: 1, number: 2).write(id: 14, packet: $0, into: &out) }
    let bytes = Array(out.readableBytesView)
    let header = try #require(bytes.withUnsafeBytes { RTPHeader($0) })
    #expect(bytes.count == sample.count + 24 - 8)
    #expect(bytes[12..<20] == sample[12..<20])
    #expect(Array(bytes[header.payloadRange]) == [10, 11, 12, 13, 14])
    #expect(bytes.suffix(3) == [0, 0, 3])
    #expect(read(bytes, id: 14) == UnitIDExtension(epoch: 1, number: 2))
    #expect(read(bytes, id: 1) == nil)
  }

  @Test("ids outside 1…14 and what is no packet are refused, and nothing is written")
  func refused() {
    var out = ByteBuffer()
    for id: UInt8 in [0, 15, 255] {
      #expect(!plain.withUnsafeBytes { UnitIDExtension(epoch: 1, number: 1).write(id: id, packet: $0, into: &out) })
    }
    let short: [UInt8] = [0x80, 96]
    #expect(!short.withUnsafeBytes { UnitIDExtension(epoch: 1, number: 1).write(id: 1, packet: $0, into: &out) })
    #expect(out.readableBytes == 0)
  }

  @Test("the id is found behind other elements and padding, in both forms; a wrong length, id 15 and a cut list are not it")
  func forms() {
    func packet(_ profile: UInt16, _ list: [UInt8]) -> [UInt8] {
      let padded = list + [UInt8](repeating: 0, count: (4 - list.count % 4) % 4)
      let head: [UInt8] = [UInt8(profile >> 8), UInt8(profile & 0xFF), 0, UInt8(padded.count / 4)]
      return [0x90, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3] + head + padded + [1]
    }
    let data = [UInt8](repeating: 0, count: 7) + [9] + [UInt8](repeating: 0, count: 7) + [4]
    let expected = UnitIDExtension(epoch: 9, number: 4)
    #expect(read(packet(0xBEDE, [0x21, 7, 7, 0, 0, 0x3F] + data), id: 3) == expected)
    #expect(read(packet(0x1000, [2, 3, 7, 7, 7, 0, 3, 16] + data), id: 3) == expected)
    #expect(read(packet(0x100F, [9, 0, 200, 16] + data), id: 200) == expected)
    #expect(read(packet(0xBEDE, [0x3E] + data.dropLast()), id: 3) == nil)
    #expect(read(packet(0xBEDE, [0xF0, 0, 0x3F] + data), id: 3) == nil)
    #expect(read(packet(0xBEDE, [0x3F] + data.prefix(11)), id: 3) == nil)
    #expect(read(packet(0x1000, [3, 255] + data), id: 3) == nil)
    #expect(read(packet(0xABAC, [0x3F] + data), id: 3) == nil)
  }

  @Test("a key unit's first packet tells its id and when it left, in packets no longer than they may be; others tell no time")
  func sentTime() throws {
    let track = Track(index: 0, codec: .h264, clockRate: 90_000)
    var packetizer = RTPPacketizer(
      track: track, payloadType: 96, ssrc: 1, maximumPacketLength: 200, unitIDExtension: 1, sentTimeExtension: 2)
    let path = try #require(StreamName("live/cam1"))
    func unit(_ number: UInt64, _ type: UInt8) -> AccessUnit {
      let nal: [UInt8] = [type] + [UInt8](repeating: 7, count: 499)
      return AccessUnit(
        id: AccessUnitID(origin: UnitOrigin(node: "county1", path: path), epoch: 5, number: number), track: 0,
        pts: MediaTime(value: 0, timescale: 90_000), firstArrival: BootTime(nanoseconds: 0), arrival: BootTime(nanoseconds: 0),
        payload: ByteBuffer(bytes: [0, 0, 1, 0xF4] + nal))
    }
    let sent = BootTime(nanoseconds: -8_640_000_000_000_007)
    var buffer = ByteBuffer()
    packetizer.packetize(unit(8, 0x65), channel: 0, sent: sent, into: &buffer)
    packetizer.packetize(unit(9, 0x41), channel: 0, into: &buffer)
    var told: [(id: UnitIDExtension?, sent: BootTime?, length: Int)] = []
    buffer.withUnsafeReadableBytes { bytes in
      var at = 0
      while case .frame(_, let length) = InterleavedFraming.find(at: at, in: bytes) {
        let packet = UnsafeRawBufferPointer(rebasing: bytes[at + 4..<at + 4 + length])
        if let header = RTPHeader(packet) {
          told.append(
            (
              UnitIDExtension(id: 1, packet: packet, header: header), SentTimeExtension.read(id: 2, packet: packet, header: header), length
            ))
        }
        at += 4 + length
      }
    }
    #expect(told.map(\.id?.number) == [8, nil, nil, 9, nil, nil])
    #expect(told.map(\.sent) == [sent, nil, nil, nil, nil, nil])
    #expect(told.allSatisfy { $0.length <= 200 } && told.first?.length == 200)
  }

  @Test("`$` frames are told whole, partial or not at all, at any offset")
  func framing() {
    let bytes: [UInt8] = [0x52, 0x24, 3, 0, 2, 0xAA, 0xBB, 0x24, 0]
    bytes.withUnsafeBytes { raw in
      #expect(InterleavedFraming.find(at: 0, in: raw) == .other)
      #expect(InterleavedFraming.find(at: 1, in: raw) == .frame(channel: 3, length: 2))
      #expect(InterleavedFraming.find(at: 7, in: raw) == .partial(missing: 2))
      #expect(InterleavedFraming.find(at: 9, in: raw) == .partial(missing: 4))
      #expect(InterleavedFraming.find(at: -1, in: raw) == .partial(missing: 4))
      #expect(InterleavedFraming.find(at: 1, in: UnsafeRawBufferPointer(rebasing: raw[..<6])) == .partial(missing: 1))
    }
  }

  @Test("a frame's head is written where it fits and nowhere else")
  func framingWritten() {
    var bytes = [UInt8](repeating: 0xEE, count: 8)
    bytes.withUnsafeMutableBytes { raw in
      #expect(InterleavedFraming.write(channel: 9, length: 0x1234, at: 2, in: raw))
      #expect(!InterleavedFraming.write(channel: 9, length: 1, at: 5, in: raw))
      #expect(!InterleavedFraming.write(channel: 9, length: 65_536, at: 0, in: raw))
      #expect(InterleavedFraming.setChannel(7, at: 2, in: raw))
      #expect(!InterleavedFraming.setChannel(7, at: 0, in: raw))
    }
    #expect(bytes == [0xEE, 0xEE, 0x24, 7, 0x12, 0x34, 0xEE, 0xEE])
    var buffer = ByteBuffer()
    #expect(InterleavedFraming.append(channel: 255, length: 65_535, to: &buffer))
    #expect(!InterleavedFraming.append(channel: 0, length: -1, to: &buffer))
    #expect(Array(buffer.readableBytesView) == [0x24, 255, 255, 255])
  }
}
