import Model
import NIOCore
import Testing
import Wire

@Suite("Start codes inside NAL units, parameter sets anywhere")
struct StartCodeTests {
  private static let sps = FLVUnitTests.sps
  private static let pps = FLVUnitTests.pps
  private static let code: [UInt8] = [0, 0, 0, 1]
  private static let bare = Track(index: 0, codec: .h264, clockRate: 90_000)
  private static let key: [UInt8] = [0x65, 0x88, 0x84, 0x21] + [UInt8](repeating: 0x55, count: 3000)
  private static let second: [UInt8] = [0x65, 0x21, 0x22]

  private static func packet(_ number: UInt16, _ payload: [UInt8], time: UInt32 = 0, marker: Bool = false) -> [UInt8] {
    var packet = ByteBuffer()
    packet.writeInteger(UInt8(0x80))
    packet.writeInteger(UInt8(marker ? 0xE0 : 0x60))
    packet.writeInteger(number)
    packet.writeInteger(time)
    packet.writeInteger(UInt32(7))
    packet.writeBytes(payload)
    return Array(buffer: packet)
  }

  /// One NAL unit as fragments.
  private static func fragments(_ nal: [UInt8], from number: UInt16 = 1, room: Int = 700) -> [[UInt8]] {
    let starts = Array(stride(from: 1, to: nal.count, by: room))
    return starts.enumerated().map { (index: Int, start: Int) -> [UInt8] in
      let isLast = index == starts.count - 1
      var edge: UInt8 = nal[0] & 0x1F
      if index == 0 { edge |= 0x80 }
      if isLast { edge |= 0x40 }
      let head: [UInt8] = [nal[0] & 0xE0 | 28, edge]
      return packet(number + UInt16(index), head + nal[start..<min(nal.count, start + room)], marker: isLast)
    }
  }

  private static let wanted = [sps, pps, key, second]

  @Test(
    "several NAL units that came as one are what they are: in fragments, in one packet, with a start code first, in an aggregate",
    arguments: ["fragments", "fragments of a byte stream", "packet", "packet of a byte stream", "three bytes", "aggregate"])
  func together(way: String) throws {
    var bench = RTPBench(StartCodeTests.bare)
    bench.continuations = 0
    let small: [UInt8] = [0x65, 0x88, 0x84, 0x21]
    let code = StartCodeTests.code
    let whole = Array(StartCodeTests.wanted.joined(separator: code))
    let short = Array(
      [StartCodeTests.sps, StartCodeTests.pps, small, StartCodeTests.second].joined(separator: way == "three bytes" ? [0, 0, 1] : code))
    switch way {
    case "fragments": bench.receive(StartCodeTests.fragments(whole))
    case "fragments of a byte stream": bench.receive(StartCodeTests.fragments(code + whole))
    case "packet", "three bytes": bench.receive(StartCodeTests.packet(1, short, marker: true))
    case "packet of a byte stream": bench.receive(StartCodeTests.packet(1, code + short, marker: true))
    default: bench.receive(StartCodeTests.packet(1, [0x78, UInt8(short.count >> 8), UInt8(short.count & 255)] + short, marker: true))
    }
    let unit = try #require(bench.units.first)
    #expect(unit.isKey && unit.flags.contains(.clean) && !unit.flags.contains(.damaged))
    #expect(
      unit.nals == (way.hasPrefix("fragments") ? StartCodeTests.wanted : [StartCodeTests.sps, StartCodeTests.pps, small, StartCodeTests.second]))
    #expect(bench.assembler.track.parameters == .h264(sps: [StartCodeTests.sps], pps: [StartCodeTests.pps]))
    #expect(bench.roles.last.map { $0.isSuperset(of: [.key, .parametersChanged, .endsUnit]) } == true)
    #expect(bench.assembler.counters.startCodes == 1 && bench.assembler.counters.payloadsMalformed == 0)
  }

  @Test("slices with a start code between them are two slices, for a sender that does so from its first picture on")
  func slices() throws {
    let track = Track(index: 0, codec: .h264, clockRate: 90_000, parameters: .h264(sps: [StartCodeTests.sps], pps: [StartCodeTests.pps]))
    var bench = RTPBench(track)
    bench.receive(StartCodeTests.fragments(StartCodeTests.key + StartCodeTests.code + StartCodeTests.second))
    #expect(bench.units.first?.nals == [StartCodeTests.key, StartCodeTests.second] && bench.units.first?.isKey == true)
    for number in 0..<100 as Range<UInt16> {
      bench.receive(StartCodeTests.packet(20 + number, [0x41, 0x9A, 1, 0, 0, 1, 0x41, 0x22, 3], time: 3600 * UInt32(number + 1), marker: true))
    }
    #expect(bench.units.last?.nals == [[0x41, 0x9A, 1], [0x41, 0x22, 3]] && bench.assembler.counters.startCodes == 101)
  }

  @Test("H.265's NAL units that came as one are taken apart too")
  func h265() throws {
    let clip = try MediaClip("h265/plain")
    guard case .h265(let vps, let sps, let pps) = clip.parameters else { throw Fault(.mediaMalformed) }
    var bench = RTPBench(Track(index: 0, codec: .h265, clockRate: 90_000))
    let idr: [UInt8] = [0x26, 0x01, 0xAF, 0x11]
    let whole = Array([vps[0], sps[0], pps[0], idr].joined(separator: StartCodeTests.code))
    bench.receive(StartCodeTests.packet(1, StartCodeTests.code + whole, marker: true))
    #expect(bench.units.first?.nals == [vps[0], sps[0], pps[0], idr] && bench.units.first?.isKey == true)
    #expect(bench.assembler.track.parameters?.isComplete == true)
  }

  @Test("RTMP: start codes inside a NAL unit, and in the place of all lengths")
  func rtmp() throws {
    var reader = try FLVUnitTests.reader()
    var units: [AccessUnit] = []
    let nals: [[UInt8]] = [[0x65, 0x88, 1], [0x65, 0x21, 2]]
    let one = Array(nals.joined(separator: [0, 0, 1]))
    let head: [UInt8] = [0x17, 1, 0, 0, 0]
    _ = try reader.read(FLVUnitTests.video(head + [0, 0, 0, UInt8(one.count)] + one), arrival: FLVUnitTests.at(0), into: &units)
    _ = try reader.read(
      FLVUnitTests.video(head + StartCodeTests.code + Array(nals.joined(separator: StartCodeTests.code)), time: 40), arrival: FLVUnitTests.at(40),
      into: &units)
    #expect(units.map(\.nals) == [nals, nals] && units.allSatisfy { $0.isKey && $0.flags.contains(.clean) })
    #expect(reader.repairs.startCodes == 2)
  }

  // MARK: Parameter sets

  @Test("parameter sets count wherever they stand in a key picture: repeated with each slice, between slices, behind all of them")
  func anywhere() {
    let (sps, pps, other) = (StartCodeTests.sps, StartCodeTests.pps, [0x65, 0x21, 0x22] as [UInt8])
    let first: [UInt8] = [0x65, 0x88, 0x84]
    for nals in [[sps, pps, first, sps, pps, other], [first, sps, pps, other], [first, other, sps, pps], [sps, first, pps, other]] {
      var bench = RTPBench(StartCodeTests.bare)
      for (index, nal) in nals.enumerated() {
        bench.receive(StartCodeTests.packet(UInt16(index + 1), nal, marker: index == nals.count - 1))
      }
      #expect(bench.units.first?.generation == 1 && bench.assembler.track.generation == 1)
      #expect(bench.units.first?.isKey == true && bench.units.first?.flags.contains(.damaged) == false)
      #expect(bench.roles.contains { $0.contains(.parametersChanged) })
    }
  }
}
