import Model
import NIOCore
import Testing
import Wire

@Suite("Depacketising what was lost, repeated or overtaken")
struct DepacketizingLossTests {
  /// One packet as the oracle sees it: which unit it is of, and what its payload begins with.
  private struct Sent {
    var unit: Int
    var bytes: [UInt8]
    var isLast: Bool
  }

  private struct Case {
    var clip: MediaClip
    var sent: [Sent]

    init(_ name: String, size: Int = 500, sequenceNumber: UInt16 = 65_500, timestampOffset: UInt32 = 0xFFFF_0000) throws {
      clip = try MediaClip(name)
      var packetizer = RTPPacketizer(
        track: clip.track, payloadType: 96, ssrc: 7, sequenceNumber: sequenceNumber, timestampOffset: timestampOffset,
        maximumPacketLength: size)
      sent = []
      for (unit, packets) in RTPBench.packetize(clip.units, &packetizer).enumerated() {
        for (index, bytes) in packets.enumerated() { sent.append(Sent(unit: unit, bytes: bytes, isLast: index == packets.count - 1)) }
      }
    }

    func run(_ packets: [[UInt8]], reorder: Bool) -> RTPBench {
      var bench = RTPBench(clip.track, reorder: reorder)
      bench.receive(packets)
      bench.flush()
      return bench
    }

    /// Whether a decoder can tell that nothing is missing before this packet's slice: RFC 6184/7798 payload headers read anew.
    func showsStart(_ packet: [UInt8]) -> Bool {
      if clip.codec == .h264 {
        switch packet[12] & 0x1F {
        case 28: return packet[13] & 0x80 != 0 && packet[14] & 0x80 != 0
        case 1...5: return packet[13] & 0x80 != 0
        default: return true
        }
      }
      switch packet[12] >> 1 & 0x3F {
      case 49: return packet[14] & 0x80 != 0 && packet[15] & 0x80 != 0
      case 0...31: return packet[14] & 0x80 != 0
      default: return true
      }
    }
  }

  private static func refers(_ frame: MediaClip.Frame, _ codec: Codec) -> Bool {
    var rest = ByteBuffer(bytes: frame.bytes)
    while let length = rest.readInteger(as: UInt32.self), let nal = rest.readBytes(length: Int(length)) {
      if codec == .h264, (1...5).contains(nal[0] & 0x1F) { return nal[0] & 0x60 != 0 }
      let type = nal[0] >> 1 & 0x3F
      if codec == .h265, type < 32 { return type > 15 || type & 1 == 1 }
    }
    return true
  }

  @Test(
    "Each packet lost in turn: exactly its unit suffers, and exactly what refers to it is not clean",
    arguments: ["h264/plain", "h264/bframes", "h265/plain"], [false, true])
  func eachLost(_ name: String, _ reorder: Bool) throws {
    let setting = try Case(name)
    let whole = setting.run(setting.sent.map(\.bytes), reorder: reorder).units
    try #require(whole.count == setting.clip.frames.count)
    for lost in setting.sent.indices {
      var packets = setting.sent.map(\.bytes)
      packets.remove(at: lost)
      let unit = setting.sent[lost].unit
      let mates = setting.sent.indices.filter { setting.sent[$0].unit == unit && $0 != lost }
      let isFirst = lost == 0 || setting.sent[lost - 1].unit != unit
      // What the loss means for the unit itself.
      let survives = !mates.isEmpty
      let isDamaged = survives && (!isFirst || !setting.showsStart(setting.sent[mates[0]].bytes))
      let isLastOfAll = lost == setting.sent.count - 1
      // A gap that lies inside one unit whose picture nothing refers to harms nothing else.
      let isInside = survives && !isFirst && !setting.sent[lost].isLast
      let spares = isInside && !Self.refers(setting.clip.frames[unit], setting.clip.codec)
      let got = setting.run(packets, reorder: reorder).units
      let times = got.map(\.pts.value)
      var isBroken = false
      for index in whole.indices {
        let wanted = whole[index]
        if index == unit {
          if isDamaged || !survives { isBroken = !spares } else if !wanted.isKey { isBroken = true }
        } else if wanted.isKey {
          isBroken = false
        }
        guard let at = times.firstIndex(of: wanted.pts.value) else {
          // A unit of which only the middle of one NAL unit came has nothing to give.
          #expect(index == unit && (!survives || isDamaged), "\(name) lost \(lost): unit \(index) is missing")
          continue
        }
        let unitGot = got[at]
        let isSame = index == unit || unitGot.bytes == wanted.bytes
        #expect(isSame, "\(name) lost \(lost): unit \(index)")
        let damaged = index == unit && (isDamaged || (isLastOfAll && survives))
        #expect(unitGot.flags.contains(.damaged) == damaged, "\(name) lost \(lost): unit \(index)")
        let clean = !damaged && !isBroken
        #expect(unitGot.flags.contains(.clean) == clean, "\(name) lost \(lost): unit \(index) \(unitGot.flags)")
      }
      #expect(Set(times).isSubset(of: whole.map(\.pts.value)))
    }
  }

  @Test("Every packet twice, and neighbours swapped: the same units over UDP", arguments: ["h264/bframes", "h265/bframes"])
  func repeatedAndSwapped(_ name: String) throws {
    let setting = try Case(name)
    let packets = setting.sent.map(\.bytes)
    let wanted = setting.run(packets, reorder: false).units
    let twice = setting.run(packets.flatMap { [$0, $0] }, reorder: true)
    let isTwiceSame = twice.units.map(\.bytes) == wanted.map(\.bytes)
    #expect(isTwiceSame)
    #expect(twice.units.map(\.flags) == wanted.map(\.flags))
    #expect(twice.assembler.counters.packetsLate == UInt64(packets.count))
    var swapped = packets
    for index in stride(from: 1, to: swapped.count - 1, by: 2) { swapped.swapAt(index, index + 1) }
    let back = setting.run(swapped, reorder: true)
    let isBackSame = back.units.map(\.bytes) == wanted.map(\.bytes)
    #expect(isBackSame)
    #expect(back.units.map(\.pts) == wanted.map(\.pts))
    #expect(back.units.map(\.flags) == wanted.map(\.flags))
    #expect(back.roles.filter { $0.contains(.startsUnit) }.count == wanted.count)
    #expect(back.assembler.counters.packetsMissing == 0 && back.assembler.counters.packetsLate == 0)
  }

  @Test("Shuffled within 24 packets and partly repeated: the same units", arguments: [1, 2, 3] as [UInt64])
  func shuffled(_ seed: UInt64) throws {
    let setting = try Case("h264/bframes", size: 200)
    var random = SeededGenerator(seed)
    var packets = setting.sent.map(\.bytes)
    let wanted = setting.run(packets, reorder: false).units
    var mixed = Array(packets.prefix(1))
    packets.removeFirst()
    while !packets.isEmpty {
      var part = Array(packets.prefix(24))
      packets.removeFirst(part.count)
      part.append(part[0])
      mixed += part.shuffled(using: &random)
    }
    let bench = setting.run(mixed, reorder: true)
    let isBenchSame = bench.units.map(\.bytes) == wanted.map(\.bytes)
    #expect(isBenchSame)
    #expect(bench.units.map(\.flags) == wanted.map(\.flags))
  }

  @Test("A stream whose first packets overtook each other begins clean, at once when they have come", arguments: ["h264/plain", "h265/plain"])
  func beginning(_ name: String) throws {
    var test = try Case(name, size: 200)
    let key = test.sent.filter { $0.unit == 0 }.count
    // What comes before the first slice (parameter sets) may stand for itself: the slice's own packets are exchanged.
    let slice = try #require(test.sent.firstIndex { $0.bytes.count > 150 })
    try #require(key - slice >= 5)
    for order in [[1, 0, 2, 3], [2, 1, 0, 3], [3, 2, 1, 0]] {
      var packets = test.sent
      for (place, from) in order.enumerated() { packets[slice + place] = test.sent[slice + from] }
      packets.removeFirst(slice)
      let bench = test.run(packets.map(\.bytes), reorder: true)
      #expect(bench.units.count == test.clip.units.count)
      #expect(bench.units.first?.flags == [.key, .clean])
      #expect(bench.units.allSatisfy { $0.flags.contains(.clean) })
      #expect(bench.assembler.counters.packetsMissing == 0 && bench.assembler.counters.packetsLate == 0)
    }
    // Joined in the middle of a unit: nothing before it comes, so it is given up after 50 ms and the rest goes on.
    test.sent.removeFirst(slice + 2)
    let joined = test.run(test.sent.map(\.bytes), reorder: true)
    #expect(joined.units.count >= test.clip.units.count - 1)
    #expect(joined.units.first?.flags.contains(.clean) == false)
    #expect(joined.assembler.counters.packetsMissing == 0)
  }

  @Test("Between our nodes the first unit keeps its id, whichever of its packets comes first", arguments: [1, 2, 5])
  func toldStart(_ first: Int) throws {
    let clip = try MediaClip("h264/plain")
    var packetizer = RTPPacketizer(track: clip.track, payloadType: 96, ssrc: 7, maximumPacketLength: 200, unitIDExtension: 1)
    var packets = RTPBench.packetize(clip.units, &packetizer).flatMap { $0 }
    packets.insert(packets.remove(at: first), at: 0)
    var bench = RTPBench(clip.track, reorder: true, idsMarkStarts: true)
    bench.extensionID = 1
    bench.receive(packets)
    bench.flush()
    #expect(bench.units.map(\.id) == clip.units.map(\.id))
    #expect(bench.units.first?.flags == [.key, .clean])
    #expect(bench.assembler.counters.packetsLate == 0)
  }

  @Test("A unit came when the first of its packets to arrive came, and was complete with the last to arrive, whatever their numbers")
  func arrivals() throws {
    var test = try Case("h264/plain", size: 200)
    let wanted = try #require((1..<test.clip.units.count).first { unit in test.sent.count { $0.unit == unit } >= 4 })
    let start = try #require(test.sent.firstIndex { $0.unit == wanted })
    let count = test.sent.count { $0.unit == wanted }
    // The unit's first packet comes third, the last but one comes last.
    test.sent.insert(test.sent.remove(at: start), at: start + 2)
    test.sent.swapAt(start + count - 2, start + count - 1)
    let bench = test.run(test.sent.map(\.bytes), reorder: true)
    // The packet at place n came n + 1 steps of 100 µs after the beginning.
    let began = bench.now - Nanoseconds(Int64(test.sent.count) * 100_000)
    let unit = bench.units[wanted]
    #expect(bench.units.count == test.clip.units.count && unit.flags.contains(.clean))
    #expect(unit.firstArrival - began == Nanoseconds(Int64(start + 1) * 100_000))
    #expect(unit.arrival - began == Nanoseconds(Int64(start + count) * 100_000))
    #expect(bench.units.dropFirst().allSatisfy { $0.firstArrival <= $0.arrival })
  }

  @Test("A packet that comes later than 64 packets or 50 ms is lost, and dropped when it comes")
  func tooLate() throws {
    let setting = try Case("h264/plain", size: 120)
    let packets = setting.sent.map(\.bytes)
    let sent = setting.sent
    let late = try #require(sent.indices.first { $0 > 40 && !sent[$0].isLast && sent[$0 - 1].unit == sent[$0].unit })
    for delay in [64, 65] {
      var moved = packets
      moved.insert(moved.remove(at: late), at: late + delay)
      let bench = setting.run(moved, reorder: true)
      #expect(bench.units.filter { $0.flags.contains(.damaged) }.count == (delay == 64 ? 0 : 1))
      #expect(bench.assembler.counters.packetsMissing == (delay == 64 ? 0 : 1))
      #expect(bench.assembler.counters.packetsLate == (delay == 64 ? 0 : 1))
    }
    for (step, isLost) in [(9_000_000, false), (11_000_000, true)] as [(Int64, Bool)] {
      var bench = RTPBench(setting.clip.track, reorder: true)
      for index in packets.indices where index < late { bench.receive(packets[index]) }
      for index in late + 1...late + 6 { bench.receive(packets[index], step: step) }
      bench.receive(packets[late])
      bench.receive(Array(packets[(late + 7)...]))
      bench.flush()
      #expect((bench.assembler.counters.packetsMissing == 1) == isLost)
      #expect((bench.assembler.counters.packetsLate == 1) == isLost)
    }
  }

  @Test("A sender that begins to count anew far behind is followed from its second packet on")
  func restart() throws {
    let setting = try Case("h264/plain", sequenceNumber: 30_000)
    let again = try Case("h264/plain", sequenceNumber: 100)
    let bench = setting.run(setting.sent.map(\.bytes) + again.sent.map(\.bytes), reorder: true)
    let second = bench.units.dropFirst(setting.clip.frames.count)
    #expect(bench.assembler.counters.packetsLate == 1)
    #expect(second.count >= setting.clip.frames.count - 1)
    #expect(second.last?.flags == .clean)
  }

  @Test("Joined at an open GOP: the key is clean, its skipped leading pictures are not, what follows is")
  func openGOP() throws {
    let setting = try Case("h265/bframes")
    let start = try #require(setting.clip.frames.indices.first { $0 > 0 && setting.clip.frames[$0].isKey })
    let bench = setting.run(setting.sent.filter { $0.unit >= start }.map(\.bytes), reorder: false)
    try #require(bench.units.count == setting.clip.frames.count - start)
    var leading = 0
    for unit in bench.units.prefix(20) {
      let type = try #require(unit.vcl(.h265).first)[0] >> 1 & 0x3F
      let isSkipped = type == 8 || type == 9
      leading += isSkipped ? 1 : 0
      #expect(unit.flags.contains(.clean) == !isSkipped)
      #expect(!unit.flags.contains(.damaged))
    }
    #expect(leading > 0)
    // From the second key on its leading pictures have what they refer to.
    #expect(bench.units.dropFirst(20).allSatisfy { $0.flags.contains(.clean) })
  }
}

struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ state >> 29
  }
}
