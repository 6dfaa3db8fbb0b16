import FirstFrameTesting
import Model
import NIOCore
import Testing
import Wire

@Suite("RTP headers")
struct RTPHeaderTests {
  /// Two contributing sources, a one-word extension, five bytes of payload, three of padding.
  static let full: [UInt8] =
    [0xB2, 0xE0, 0xFF, 0xFE, 0x01, 0x02, 0x03, 0x04, 0xAA, 0xBB, 0xCC, 0xDD]
    + [1, 1, 1, 1, 2, 2, 2, 2] + [0xBE, 0xDE, 0, 1, 0x10, 9, 0, 0] + [10, 11, 12, 13, 14] + [0, 0, 3]

  @Test("every field of a packet with sources, extension and padding is read")
  func fields() throws {
    let header = try #require(Self.full.withUnsafeBytes { RTPHeader($0) })
    #expect(header.payloadType == 96)
    #expect(header.marker)
    #expect(header.sequenceNumber == 65_534)
    #expect(header.timestamp == 0x0102_0304)
    #expect(header.ssrc == 0xAABB_CCDD)
    #expect(header.headerLength == 28)
    #expect(header.payloadRange == 28..<33)
    #expect(header.extensionProfile == 0xBEDE)
    #expect(header.extensionRange == 24..<28)
    #expect(header.payloadLength == 5)
  }

  @Test("a packet cut anywhere in its header is refused, and so are other versions")
  func refused() {
    for length in 0..<28 { #expect(Array(Self.full.prefix(length)).withUnsafeBytes { RTPHeader($0) } == nil) }
    for version: UInt8 in [0, 1, 3] {
      var bytes = Self.full
      bytes[0] = version << 6
      #expect(bytes.withUnsafeBytes { RTPHeader($0) } == nil)
    }
  }

  @Test("a padding count of 0, and one that does not fit, mean no padding: the packet is kept whole", arguments: [0, 9, 255] as [UInt8])
  func wrongPadding(count: UInt8) throws {
    var bytes = Self.full
    bytes[bytes.count - 1] = count
    let header = try #require(bytes.withUnsafeBytes { RTPHeader($0) })
    #expect(header.hasWrongPadding && header.payloadRange == 28..<36)
    bytes[bytes.count - 1] = 8
    let all = try #require(bytes.withUnsafeBytes { RTPHeader($0) })
    #expect(!all.hasWrongPadding && all.payloadLength == 0)
  }

  @Test("ffmpeg's packets: one source, one payload type a track, sequence numbers without a gap", arguments: RTSPCorpus.names("rtp"))
  func corpus(name: String) throws {
    let headers = try RTSPCorpus.packets("rtp", name).map { packet in
      try #require(packet.withUnsafeBytes { RTPHeader($0) })
    }
    #expect(headers.count >= 1)
    for (_, track) in Dictionary(grouping: headers, by: \.ssrc) {
      #expect(Set(track.map(\.payloadType)).count == 1)
      var unwrapper = SequenceUnwrapper()
      let numbers = track.map { unwrapper.unwrap($0.sequenceNumber) }
      // The corpus leaves out long packets, so numbers only go up.
      #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
      #expect(track.allSatisfy { $0.headerLength == 12 && $0.payloadLength > 0 })
    }
  }

  @Test("fields are rewritten in place and the rest stays")
  func patching() throws {
    var bytes = Self.full
    let isPatched = bytes.withUnsafeMutableBytes { packet in
      RTPHeader.setSequenceNumber(7, in: packet) && RTPHeader.setTimestamp(0xFFFF_FFFF, in: packet)
        && RTPHeader.setSSRC(0x1122_3344, in: packet) && RTPHeader.setPayloadType(8, in: packet)
    }
    #expect(isPatched)
    let header = try #require(bytes.withUnsafeBytes { RTPHeader($0) })
    #expect(header.sequenceNumber == 7)
    #expect(header.timestamp == .max)
    #expect(header.ssrc == 0x1122_3344)
    #expect(header.payloadType == 8)
    #expect(header.marker)
    #expect(bytes[12...] == Self.full[12...])
    var short = [UInt8](repeating: 0x80, count: 11)
    let touched = short.withUnsafeMutableBytes { packet in
      RTPHeader.setSequenceNumber(7, in: packet) || RTPHeader.setTimestamp(7, in: packet) || RTPHeader.setSSRC(7, in: packet)
        || RTPHeader.setPayloadType(7, in: packet)
    }
    #expect(!touched)
    #expect(short == [UInt8](repeating: 0x80, count: 11))
  }

  @Test("sequence numbers and timestamps unwrap through three wraps while packets arrive up to 90 places late")
  func unwrapping() {
    var random = Mutator(seed: 5)
    var sequence = SequenceUnwrapper()
    var timestamp = TimestampUnwrapper()
    let first: Int64 = 60_000
    var order = (0..<200_000).map { first + $0 }
    for index in stride(from: 0, to: order.count - 90, by: 90) { order[index..<index + 90].shuffle(using: &random) }
    // The first packet settles where counting begins.
    order.insert(first, at: 0)
    var wrong = 0
    for number in order {
      if sequence.unwrap(UInt16(truncatingIfNeeded: number)) != number { wrong += 1 }
      let ticks = number * 90_000 - 5_000_000_000
      if timestamp.highest == nil { _ = timestamp.unwrap(UInt32(truncatingIfNeeded: ticks)) }
      let shift = Int64(UInt32(truncatingIfNeeded: first * 90_000 - 5_000_000_000)) - (first * 90_000 - 5_000_000_000)
      if timestamp.unwrap(UInt32(truncatingIfNeeded: ticks)) != ticks + shift { wrong += 1 }
    }
    #expect(wrong == 0)
    #expect(sequence.highest == first + 199_999)
  }

  @Test("what came before the first packet is negative, and a repeat gives the same number again")
  func beforeTheFirst() {
    var sequence = SequenceUnwrapper()
    #expect(sequence.unwrap(2) == 2)
    #expect(sequence.unwrap(65_535) == -1)
    #expect(sequence.unwrap(2) == 2)
    #expect(sequence.unwrap(3) == 3)
    #expect(sequence.highest == 3)
  }

  @Test("3000 mutants of real packets: whatever is read lies inside the packet")
  func fuzz() throws {
    var samples = [Self.full]
    for name in RTSPCorpus.names("rtp") { samples += try RTSPCorpus.packets("rtp", name).prefix(4) }
    var mutator = Mutator(seed: 11)
    var read = 0
    for round in 0..<3000 {
      let mutant = mutator.mutate(samples[round % samples.count], with: Self.full)
      mutant.withUnsafeBytes { packet in
        guard let header = RTPHeader(packet) else { return }
        read += 1
        #expect(header.payloadRange.upperBound <= packet.count && header.extensionRange.upperBound <= header.headerLength)
        for id: UInt8 in 0...16 {
          _ = UnitIDExtension(id: id, packet: packet, header: header)
          _ = SentTimeExtension.read(id: id, packet: packet, header: header)
        }
        var out = ByteBuffer()
        #expect(UnitIDExtension(epoch: 1, number: 2).write(id: 3, packet: packet, into: &out))
        let again = out.withUnsafeReadableBytes { bytes in
          RTPHeader(bytes).map { ($0.payloadLength, UnitIDExtension(id: 3, packet: bytes, header: $0)) }
        }
        #expect(again?.0 == header.payloadLength)
        #expect(again?.1 == UnitIDExtension(epoch: 1, number: 2))
      }
    }
    #expect(read > 1000)
  }
}
