import FirstFrameTesting
import Gateway
import Hub
import Measure
import Model
import NIOCore
import RTPMedia
import Testing
import Wire

@Suite("What is put right in RTP as it comes")
struct RepairTests {
  /// One read of packets: a reception with its meter.
  private final class Bench {
    private(set) var reception: RTPReception
    private(set) var meter: SessionMeter
    private var offset = 0
    private var number: UInt16 = 1
    var now = BootTime(nanoseconds: 1_000_000_000)
    private(set) var times: [Int64] = []

    init(reorders: Bool = false) {
      reception = RTPReception(ReceptionPlan(tracks: [Packets.track], payloads: [.canonical(for: Packets.track)], reorders: reorders))
      meter = SessionMeter(
        header: SampleHeader(
          node: "here", boot: "boot", stream: Packets.name, session: "s", hop: .device, mediaProtocol: .rtspTCP, epoch: 5, started: now,
          startedWall: WallTime(nanoseconds: 0), tracks: [SampleTrack(Packets.track, registeredFrameRateMilli: nil)]))
      reception.begin(PublicationIdentity(origin: Packets.origin, epoch: 5), &meter)
    }

    func receive(_ packet: [UInt8]) {
      now = now + .milliseconds(40)
      let isOurs = packet.withUnsafeBytes { reception.rtp($0, track: 0, at: offset, arrival: now, &meter) }
      if isOurs { offset += Packets.frame(packet) }
    }

    func picture(_ time: UInt32, ssrc: UInt32 = Packets.ssrc) {
      receive(Packets.packet(number, time: time, number % 25 == 1 ? Packets.key : Packets.other, marker: true, ssrc: ssrc))
      number &+= 1
    }

    func report(_ time: UInt32) {
      RTCPPacket.compound([
        .senderReport(
          SenderReport(
            ssrc: Packets.ssrc, ntp: NTPTime(WallTime(nanoseconds: 1_700_000_000_000_000_000)), rtpTimestamp: time, packetCount: 1, octetCount: 1))
      ]).withUnsafeReadableBytes { reception.rtcp($0, track: 0, arrival: now) }
    }

    func news() -> IntakeNews? { reception.removeNews() }
    func moved(from end: Int, to place: Int, by length: Int, timestamp: UInt32) {
      reception.moved(from: end, to: place, by: length, track: 0, timestamp: timestamp)
    }
    func timestamps() -> [Int64] { meter.removeRecords().compactMap { if case .frame(let sample) = $0 { sample.timestamp } else { nil } } }

    func read() -> IntakeBatch {
      defer { offset = 0 }
      let batch = reception.removeBatch(packetBytes: offset)
      times += batch.units.map(\.pts.value)
      return batch
    }
  }

  @Test("a clock that begins at 0 again goes on for units and packets; the samples keep what the device said")
  func jump() {
    let bench = Bench()
    for index in 0..<150 { bench.picture(2_000_000_000 + 3600 * UInt32(index)) }
    #expect(bench.read().edits.isEmpty && bench.news() == nil)
    bench.report(2_000_000_000)
    for index in 0..<150 { bench.picture(3600 * UInt32(index)) }
    let batch = bench.read()
    let ticks: UInt32 = 2_000_000_000 + 150 * 3600
    #expect(batch.edits == [PacketEdit(offset: 0, change: .shift(track: 0, ticks: ticks))])
    #expect(zip(bench.times, bench.times.dropFirst()).allSatisfy { $1 - $0 == 3600 })
    #expect(batch.units.map { $0.flags.contains(.discontinuity) } == [true] + [Bool](repeating: false, count: 149))
    #expect(batch.units.allSatisfy { $0.capture == nil }, "the report of before says nothing of this clock")
    let news = bench.news()
    #expect(news?.clockRepairs == [ClockRepair(track: 0, step: Nanoseconds(-22_228_182_222_223), method: .bridged)])
    #expect(bench.reception.repairs.clockJumps == 1)
    // In a report of now, readers see the time line's numbers.
    bench.report(3600 * 149)
    #expect(bench.news()?.senderClocks.map(\.rtpTimestamp) == [ticks + 3600 * 149])
    bench.picture(3600 * 150)
    #expect(bench.read().units.first?.capture != nil)
    let frames = bench.timestamps()
    #expect(frames.last == 3600 * 150 && frames.first == 2_000_000_000)
  }

  @Test("fragments behind a jump take the short way and are one picture")
  func fragments() {
    let bench = Bench()
    bench.picture(9_000_000)
    let parts: [[UInt8]] = [[0x7C, 0x81, 0x9A, 1], [0x7C, 0x01, 2, 3], [0x7C, 0x01, 4, 5], [0x7C, 0x41, 6, 7]]
    for (index, part) in parts.enumerated() { bench.receive(Packets.packet(UInt16(index + 2), time: 5, part, marker: index == 3)) }
    let units = bench.read().units
    #expect(units.count == 2 && units[1].flags.contains(.clean) && units[1].pts.value == 9_000_000 + 3600)
  }

  @Test("a new source goes on with the timestamps that readers know, and that is no repair")
  func source() {
    let bench = Bench()
    bench.picture(9_000_000)
    bench.picture(77, ssrc: 9)
    bench.picture(3677, ssrc: 9)
    let batch = bench.read()
    let frame = Packets.frame(Packets.packet(1, time: 0, Packets.key))
    let ticks: UInt32 = 9_000_000 + 3600 - 77
    #expect(batch.edits == [PacketEdit(offset: frame, change: .shift(track: 0, ticks: ticks))])
    #expect(bench.news() == nil && bench.reception.repairs == MediaRepairs())
  }

  @Test("a packet that was overtaken by the jump keeps the shift of before, and its place")
  func overtaken() {
    let bench = Bench(reorders: true)
    bench.receive(Packets.packet(1, time: 9_000_000, Packets.key, marker: true))
    bench.receive(Packets.packet(3, time: 0, Packets.other, marker: true))
    bench.receive(Packets.packet(2, time: 9_003_600, Packets.other, marker: true))
    let length = Packets.frame(Packets.packet(2, time: 0, Packets.other))
    let place = Packets.frame(Packets.packet(1, time: 0, Packets.key))
    bench.moved(from: place + length, to: place, by: length, timestamp: 9_003_600)
    let batch = bench.read()
    // Two pictures lie where the arrivals leave room for one.
    #expect(batch.units.map(\.pts.value) == [9_000_000, 9_003_600, 9_003_600])
    #expect(batch.edits.map(\.offset) == [place + length])
  }

  @Test("a packet whose padding count is wrong is kept, counted, and goes on without the padding bit")
  func padding() {
    let bench = Bench()
    var packet = Packets.packet(1, time: 0, Packets.key + [0], marker: true)
    packet[0] |= 0x20
    bench.receive(packet)
    let batch = bench.read()
    #expect(batch.units.map(\.isKey) == [true] && batch.edits == [PacketEdit(offset: 0, change: .noPadding)])
    #expect(bench.reception.repairs.wrongPaddings == 1)
  }
}
