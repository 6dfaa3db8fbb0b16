import Model
import NIOCore
import Testing
import Wire

@Suite("Depacketising what ffmpeg sends")
struct DepacketizingTests {
  @Test(
    "Units have the source's slices, times and keys, all clean", arguments: ["h264/plain", "h264/bframes", "h265/plain", "h265/bframes"],
    [false, true])
  func video(_ name: String, _ reorder: Bool) throws {
    let clip = try MediaClip(name)
    var bench = RTPBench(Track(index: 0, codec: clip.codec, clockRate: 90_000), reorder: reorder)
    bench.receive(clip.packets)
    bench.flush()
    let units = bench.units
    let source = clip.units
    try #require(units.count == source.count)
    for (unit, wanted) in zip(units, source) {
      let isSame = unit.vcl(clip.codec) == wanted.vcl(clip.codec)
      #expect(isSame)
      #expect(unit.isKey == wanted.isKey)
      #expect(unit.flags.subtracting(.key) == .clean)
      #expect(unit.pts.value - units[0].pts.value == wanted.pts.value - source[0].pts.value)
      #expect(unit.pts.timescale == 90_000)
      #expect(unit.generation == 1)
      #expect(unit.payload.readableBytes == unit.nals.reduce(0) { $0 + 4 + $1.count })
    }
    #expect(units.map(\.id.number) == Array(1...UInt64(units.count)))
    #expect(units.allSatisfy { $0.id.epoch == 9 && $0.firstArrival <= $0.arrival })
    #expect(bench.numbering == UInt64(units.count))
    // The first packet of each unit, the one that ends it, and the only change of parameters.
    #expect(bench.roles.filter { $0.contains(.startsUnit) }.count == units.count)
    #expect(bench.roles.filter { $0.contains(.endsUnit) }.count == units.count)
    #expect(bench.roles.filter { $0.contains(.parametersChanged) }.count == 1)
    let slicesOfKeys = units.filter(\.isKey).reduce(0) { $0 + $1.vcl(clip.codec).count }
    let keys = bench.roles.filter { $0.contains(.key) }.count
    #expect(keys >= units.filter(\.isKey).count && keys <= slicesOfKeys)
    let track = bench.assembler.track
    #expect(track.parameters == clip.parameters)
    #expect(track.generation == 1 && track.width == Int(clip.probe[0]) && track.height == Int(clip.probe[1]))
    #expect(bench.assembler.counters.unitsClean == UInt64(units.count))
    #expect(bench.assembler.counters.packets == UInt64(clip.packets.count))
    #expect(bench.assembler.counters.packetsMissing == 0 && bench.assembler.counters.payloadsMalformed == 0)
  }

  @Test("AAC, Opus: frames and times are the source's", arguments: ["aac/lc", "opus/stereo"])
  func audio(_ name: String) throws {
    let clip = try MediaClip(name)
    var bench = RTPBench(clip.track, audioIsKey: name.hasPrefix("opus"))
    bench.receive(clip.packets)
    bench.flush()
    let source = clip.units
    // ffmpeg's RTP muxer keeps back the last AAC frames that do not fill a packet.
    try #require(bench.units.count == source.count - (name == "aac/lc" ? 2 : 0))
    for (unit, wanted) in zip(bench.units, source) {
      let isSame = unit.bytes == wanted.bytes
      #expect(isSame)
      #expect(unit.pts.value - bench.units[0].pts.value == wanted.pts.value - source[0].pts.value)
      #expect(unit.flags == (name.hasPrefix("opus") ? [.clean, .key] : .clean))
    }
    #expect(bench.roles.allSatisfy { $0.isSuperset(of: [.startsUnit, .endsUnit]) })
  }

  @Test("G.711: the samples are the source's", arguments: ["g711/alaw", "g711/mulaw"])
  func telephone(_ name: String) throws {
    let clip = try MediaClip(name)
    var bench = RTPBench(clip.track)
    bench.receive(clip.packets)
    let isSame = bench.units.flatMap(\.bytes) == clip.frames.flatMap(\.bytes)
    #expect(isSame)
    #expect(bench.units.count == clip.packets.count)
    var samples: Int64 = 0
    for unit in bench.units {
      #expect(unit.pts.value - bench.units[0].pts.value == samples)
      samples += Int64(unit.payload.readableBytes)
    }
  }

  // MARK: Payloads made by hand

  private static func packet(
    _ sequence: UInt16, _ timestamp: UInt32, marker: Bool = false, type: UInt8 = 96, _ payload: [UInt8]
  ) -> [UInt8] {
    var buffer = ByteBuffer()
    buffer.writeInteger(UInt16(0x8000) | (marker ? 0x80 : 0) | UInt16(type))
    buffer.writeInteger(sequence)
    buffer.writeInteger(timestamp)
    buffer.writeInteger(UInt32(0xCAFE))
    buffer.writeBytes(payload)
    return Array(buffer: buffer)
  }

  private static let video = Track(index: 2, codec: .h264, clockRate: 90_000)
  private static let slice: [UInt8] = [0x41, 0x9A, 1, 2, 3]
  private static let key: [UInt8] = [0x65, 0x88, 4, 5, 6]

  @Test("STAP-A is taken apart; MTAP, STAP-B and FU-B are dropped and damage their unit")
  func aggregates() {
    var bench = RTPBench(Self.video)
    bench.receive(Self.packet(1, 0, marker: true, [0x78, 0, 2, 0x06, 9, 0, 5] + Self.key))
    #expect(bench.units.map(\.nals) == [[[0x06, 9], Self.key]])
    #expect(bench.roles == [[.startsUnit, .key, .endsUnit]])
    #expect(bench.units[0].flags == [.key, .clean] && bench.units[0].track == 2)
    for (index, type) in ([25, 26, 27, 29] as [UInt8]).enumerated() {
      let time = UInt32(index + 1) * 3600
      bench.receive(Self.packet(UInt16(index * 2 + 2), time, [0x60 | type, 0, 0, 0, 2, 1, 1]))
      bench.receive(Self.packet(UInt16(index * 2 + 3), time, marker: true, Self.slice))
    }
    #expect(bench.units.dropFirst().map(\.flags) == Array(repeating: .damaged, count: 4))
    #expect(bench.assembler.counters.payloadsMalformed == 4)
  }

  @Test("Without markers the next timestamp ends a unit; flush gives the last one whole")
  func noMarkers() {
    var bench = RTPBench(Self.video)
    bench.receive(Self.packet(1, 0, Self.key))
    bench.receive(Self.packet(2, 3600, Self.slice))
    #expect(bench.units.count == 1 && bench.roles[1] == [.startsUnit, .endsUnit])
    bench.flush()
    #expect(bench.units.map(\.flags) == [[.key, .clean], .clean])
    bench.flush()
    #expect(bench.units.count == 2)
  }

  @Test("Flush gives an unmarked end out as damaged when the sender marks ends")
  func cutOff() {
    var bench = RTPBench(Self.video)
    bench.receive(Self.packet(1, 0, marker: true, Self.key))
    bench.receive(Self.packet(2, 3600, Self.slice))
    bench.flush()
    #expect(bench.units.map(\.flags) == [[.key, .clean], .damaged])
  }

  @Test("Behind a gap between units the next is damaged only when its first slice is missing; clean is none until the next key")
  func gapBetween() {
    var bench = RTPBench(Self.video)
    bench.receive(Self.packet(1, 0, marker: true, Self.key))
    bench.receive(Self.packet(3, 7200, marker: true, Self.slice))
    bench.receive(Self.packet(5, 14_400, marker: true, [0x41, 0x1A, 9]))
    bench.receive(Self.packet(6, 18_000, marker: true, Self.slice))
    bench.receive(Self.packet(7, 21_600, marker: true, Self.key))
    #expect(bench.units.map(\.flags) == [[.key, .clean], [], .damaged, [], [.key, .clean]])
    #expect(bench.assembler.counters.packetsMissing == 2)
    var other = RTPBench(Track(index: 0, codec: .h265, clockRate: 90_000))
    other.receive(Self.packet(1, 0, marker: true, [0x26, 1, 0xAF, 1]))
    other.receive(Self.packet(3, 7200, marker: true, [0x02, 1, 0xAF, 1]))
    other.receive(Self.packet(5, 14_400, marker: true, [0x02, 1, 0x2F, 1]))
    #expect(other.units.map(\.flags) == [[.key, .clean], [], .damaged])
  }

  @Test("A payload holds no more than twice its bytes, also the small ones behind a large key")
  func compact() {
    var bench = RTPBench(Self.video)
    for index in 0..<6 as Range<UInt16> {
      let isKey = index % 3 == 0
      let bytes = [isKey ? 0x65 : 0x41, 0x9A] + [UInt8](repeating: 1, count: isKey ? 40_000 : 900)
      bench.receive(Self.packet(index, UInt32(index) * 3600, marker: true, bytes))
    }
    #expect(bench.units.count == 6)
    #expect(bench.units.allSatisfy { $0.payload.capacity < 2 * $0.payload.readableBytes })
  }

  @Test("Parameter sets marked as units of their own, at their own time too, join the picture that follows")
  func markedParameterSets() throws {
    let clip = try MediaClip("h264/plain")
    guard case .h264(let sps, let pps) = clip.parameters else { throw Fault(.mediaMalformed) }
    var bench = RTPBench(Self.video)
    bench.receive(Self.packet(1, 100, marker: true, sps[0]))
    bench.receive(Self.packet(2, 200, marker: true, pps[0]))
    #expect(bench.units.isEmpty && bench.assembler.track.parameters == nil)
    bench.receive(Self.packet(3, 200, marker: true, Self.key))
    #expect(bench.units.map(\.nals) == [[sps[0], pps[0], Self.key]])
    #expect(bench.units.map(\.pts.value) == [200])
    #expect(bench.units[0].generation == 1)
    #expect(bench.roles[2] == [.key, .endsUnit, .parametersChanged])
    // The same sets again change nothing; another picture size does, once.
    bench.receive(Self.packet(4, 300, sps[0]))
    bench.receive(Self.packet(5, 300, marker: true, Self.key))
    #expect(bench.units[1].generation == 1)
    bench.receive(Self.packet(6, 400, CodecSequenceParameterTests.bareSPS()))
    bench.receive(Self.packet(7, 400, [0x68, 0xCE, 0x38, 0x80]))
    bench.receive(Self.packet(8, 400, marker: true, Self.key))
    #expect(bench.units[2].generation == 2)
    #expect(bench.assembler.track.width == 1920 && bench.assembler.track.height == 1080)
  }

  @Test("Another payload type carries nothing but takes a number; an empty payload too")
  func otherPayloadType() {
    var bench = RTPBench(Self.video, format: RTPPayloadFormat(payloadType: 96))
    bench.receive(Self.packet(1, 0, Self.key))
    bench.receive(Self.packet(2, 0, type: 97, Self.slice))
    bench.receive(Self.packet(3, 0, []))
    bench.receive(Self.packet(4, 0, marker: true, [0x65, 0x08, 7]))
    #expect(bench.units.map(\.nals) == [[Self.key, [0x65, 0x08, 7]]])
    #expect(bench.units[0].flags == [.key, .clean])
  }

  @Test("A longer unit than 8 MiB is dropped, the chain is broken, the next is taken")
  func oversize() {
    var bench = RTPBench(Self.video)
    bench.receive(Self.packet(1, 0, marker: true, Self.key))
    let big = [0x41, 0x9A] + [UInt8](repeating: 1, count: 60_000)
    for sequence in 2..<150 as Range<UInt16> { bench.receive(Self.packet(sequence, 3600, big)) }
    bench.receive(Self.packet(150, 3600, marker: true, big))
    #expect(bench.units.count == 1 && bench.assembler.counters.unitsDropped == 1)
    bench.receive(Self.packet(151, 7200, marker: true, Self.slice))
    #expect(bench.units.count == 2 && bench.units[1].flags == [])
  }

  @Test("A new synchronisation source goes on in time and says so")
  func newSource() {
    var bench = RTPBench(Self.video)
    bench.receive(Self.packet(1, 1000, marker: true, Self.key))
    var other = Self.packet(900, 4_000_000_000, marker: true, Self.key)
    other[11] = 1
    bench.receive(other, step: 40_000_000)
    #expect(bench.units.map(\.pts.value) == [1000, 1000 + 3600])
    #expect(bench.units[1].flags == [.key, .clean, .discontinuity])
    #expect(bench.assembler.counters.packetsMissing == 0)
  }

  @Test("AAC: several frames a packet, a frame in fragments, a fragment that is missing")
  func aac() {
    let track = Track(index: 1, codec: .aac, clockRate: 48_000, parameters: .aac(audioSpecificConfig: [0x11, 0x90]))
    var bench = RTPBench(track)
    bench.receive(Self.packet(1, 0, marker: true, [0, 48, 0, 16, 0, 24, 0, 8, 1, 2, 3, 4, 5, 6]))
    #expect(bench.units.map(\.bytes) == [[1, 2], [3, 4, 5], [6]])
    #expect(bench.units.map(\.pts.value) == [0, 1024, 2048])
    let half: [UInt8] = [0, 16, 0, 6 << 3]
    bench.receive(Self.packet(2, 3072, half + [1, 2, 3]))
    bench.receive(Self.packet(3, 3072, marker: true, half + [4, 5, 6]))
    #expect(bench.units.last?.bytes == [1, 2, 3, 4, 5, 6] && bench.units.last?.pts.value == 3072)
    bench.receive(Self.packet(4, 4096, half + [1, 2]))
    bench.receive(Self.packet(6, 4096, marker: true, half + [5, 6]))
    #expect(bench.units.count == 4 && bench.assembler.counters.unitsDropped == 1)
    bench.receive(Self.packet(7, 5120, marker: true, [0, 16, 0, 8, 9]))
    #expect(bench.units.last?.bytes == [9])
  }

  @Test("H.265 with decoding order numbers: they are taken out of single, aggregated and fragmented NAL units")
  func decodingOrderNumbers() {
    let track = Track(index: 0, codec: .h265, clockRate: 90_000)
    var bench = RTPBench(track, format: RTPPayloadFormat(hasDecodingOrderNumbers: true))
    bench.receive(Self.packet(1, 0, [0x60, 1, 0, 7, 0, 3, 0x46, 1, 0x50, 9, 0, 4, 0x26, 1, 0xAF, 5]))
    bench.receive(Self.packet(2, 0, [0x26, 1, 0, 9, 0x2F, 6]))
    bench.receive(Self.packet(3, 0, [0x62, 1, 0x93, 0, 10, 0x2F, 7]))
    bench.receive(Self.packet(4, 0, marker: true, [0x62, 1, 0x53, 8]))
    #expect(bench.units.map(\.nals) == [[[0x46, 1, 0x50], [0x26, 1, 0xAF, 5], [0x26, 1, 0x2F, 6], [0x26, 1, 0x2F, 7, 8]]])
    #expect(bench.units[0].flags == [.key, .clean])
  }
}
