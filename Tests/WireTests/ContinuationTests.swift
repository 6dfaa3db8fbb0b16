import Model
import Testing
import Wire

@Suite("The short way for the middle of a fragmented picture")
struct ContinuationTests {
  private static func packets(_ name: String) throws -> (clip: MediaClip, packets: [[UInt8]]) {
    let clip = try MediaClip(name)
    var packetizer = RTPPacketizer(
      track: clip.track, payloadType: 96, ssrc: 7, sequenceNumber: 65_500, timestampOffset: 0xFFFF_0000, maximumPacketLength: 120)
    return (clip, RTPBench.packetize(clip.units, &packetizer).flatMap { $0 })
  }

  private static func isMiddle(_ packet: [UInt8], _ codec: Codec) -> Bool {
    guard packet.count > 15 else { return false }
    return codec == .h264
      ? packet[12] & 0x1F == 28 && packet[13] & 0xC0 == 0 : packet[12] >> 1 & 0x3F == 49 && packet[14] & 0xC0 == 0
  }

  private func expectSame(_ short: RTPBench, _ long: RTPBench, _ what: String) {
    #expect(short.assembler.counters == long.assembler.counters, "\(what)")
    #expect(short.roles == long.roles && short.numbering == long.numbering, "\(what)")
    #expect(short.assembler.track == long.assembler.track, "\(what)")
    #expect(short.units.count == long.units.count, "\(what)")
    for (one, other) in zip(short.units, long.units) {
      #expect(one.id == other.id && one.pts == other.pts && one.flags == other.flags && one.generation == other.generation, "\(what)")
      #expect(one.firstArrival == other.firstArrival && one.arrival == other.arrival && one.payload == other.payload, "\(what)")
    }
  }

  @Test("every middle fragment of a clean stream goes by it, and the units are the same", arguments: ["h264/plain", "h264/bframes", "h265/plain"])
  func clean(_ name: String) throws {
    let (clip, packets) = try ContinuationTests.packets(name)
    for reorder in [false, true] {
      var (short, long) = (RTPBench(clip.track, reorder: reorder), RTPBench(clip.track, reorder: reorder))
      short.continuations = 0
      short.receive(packets)
      long.receive(packets)
      let middle = packets.count { ContinuationTests.isMiddle($0, clip.codec) }
      #expect(middle > 20)
      #expect(short.continuations == middle)
      expectSame(short, long, "\(name) \(reorder)")
    }
  }

  @Test(
    "whatever is lost, repeated, overtaken or broken: both ways lead to the same",
    arguments: ["h264/plain", "h264/bframes", "h265/plain"], [false, true])
  func disturbed(_ name: String, _ reorder: Bool) throws {
    let (clip, clean) = try ContinuationTests.packets(name)
    var taken = 0
    for seed in 1...60 as ClosedRange<UInt64> {
      var random = SeededGenerator(seed)
      var packets: [[UInt8]] = []
      for packet in clean {
        switch Int.random(in: 0..<40, using: &random) {
        case 0: continue
        case 1: packets += [packet, packet]
        case 2: packets.insert(packet, at: max(0, packets.count - Int.random(in: 1...4, using: &random)))
        case 3:
          // Header, fragment header and the first payload bytes: what the short way looks at.
          var broken = packet
          let at = Int.random(in: 0..<min(18, broken.count), using: &random)
          broken[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
          packets.append(broken)
        case 4: packets.append(Array(packet.prefix(Int.random(in: 0...packet.count, using: &random))))
        default: packets.append(packet)
        }
      }
      var (short, long) = (RTPBench(clip.track, reorder: reorder), RTPBench(clip.track, reorder: reorder))
      short.continuations = 0
      short.receive(packets)
      long.receive(packets)
      short.flush()
      long.flush()
      expectSame(short, long, "\(name) \(reorder) seed \(seed)")
      taken += short.continuations ?? 0
    }
    #expect(taken > 300)
  }
}
