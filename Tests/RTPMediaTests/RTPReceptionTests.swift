import Gateway
import Measure
import Model
import NIOCore
import RTPMedia
import Testing
import Wire

@Suite("RTP's reception")
struct RTPReceptionTests {
  /// A reception with its meter, and where the next frame of this read will stand.
  private final class Bench {
    private(set) var reception: RTPReception
    private(set) var meter: SessionMeter
    private var offset = 0
    var now = BootTime(nanoseconds: 1_000_000_000)

    init(tracks: [Track] = [Packets.track], reorders: Bool = false, isLive: Bool = true, _ change: (inout [RTPPayloadDescription]) -> Void = { _ in })
    {
      var payloads = tracks.map { RTPPayloadDescription.canonical(for: $0) }
      change(&payloads)
      let isNode = payloads.contains { $0.unitIDExtension != nil }
      reception = RTPReception(ReceptionPlan(tracks: tracks, payloads: payloads, reorders: reorders, trustsUnitIDs: isNode))
      meter = SessionMeter(
        header: SampleHeader(
          node: "here", boot: "boot", stream: Packets.name, session: "s", hop: .device, mediaProtocol: .rtspUDP, epoch: 5, started: now,
          startedWall: WallTime(nanoseconds: 0), tracks: tracks.map { SampleTrack($0, registeredFrameRateMilli: nil) }))
      if isLive { reception.begin(PublicationIdentity(origin: Packets.origin, epoch: 5), &meter) }
    }

    @discardableResult
    func receive(_ packet: [UInt8], track: Int = 0) -> Bool {
      let isOurs = packet.withUnsafeBytes { reception.rtp($0, track: track, at: offset, arrival: now, &meter) }
      if isOurs { offset += Packets.frame(packet) }
      return isOurs
    }

    /// The same for a packet that belongs at another place of this read.
    func receive(_ packet: [UInt8], at place: Int) {
      let end = offset
      receive(packet)
      let timestamp = packet.withUnsafeBytes { UInt32(bigEndian: $0.loadUnaligned(fromByteOffset: 4, as: UInt32.self)) }
      reception.moved(from: end, to: place, by: Packets.frame(packet), track: 0, timestamp: timestamp)
    }

    func rtcp(_ parts: [RTCPPacket], track: Int = 0) {
      RTCPPacket.compound(parts).withUnsafeReadableBytes { reception.rtcp($0, track: track, arrival: now) }
    }

    func read() -> IntakeBatch {
      defer { offset = 0 }
      return reception.removeBatch(packetBytes: offset)
    }

    func news() -> IntakeNews? { reception.removeNews() }
    func flush() { reception.flush(&meter) }
  }

  private let first = Packets.packet(1, time: 0, Packets.other, marker: true)
  private let sps = Packets.packet(2, time: 3600, Packets.sps)
  private let pps = Packets.packet(3, time: 3600, Packets.pps)
  private let key = Packets.packet(4, time: 3600, Packets.key, marker: true)

  // MARK: Key units

  @Test("a key unit is found where it begins, in the read that it begins in")
  func keyInOneRead() {
    let bench = Bench()
    for packet in [first, sps, pps, key] { #expect(bench.receive(packet)) }
    let batch = bench.read()
    #expect(batch.keyUnitOffset == Packets.frame(first))
    #expect(batch.units.map(\.isKey) == [false, true])
    #expect(batch.units.map(\.id.number) == [1, 2] && batch.units.allSatisfy { $0.id.epoch == 5 })
    #expect(bench.read().keyUnitOffset == nil, "that is no news twice")
  }

  @Test("a key unit that began in earlier reads is found as many bytes before this one")
  func keyOverReads() {
    let bench = Bench()
    bench.receive(first)
    bench.receive(sps)
    #expect(bench.read().keyUnitOffset == nil)
    bench.receive(pps)
    #expect(bench.read().keyUnitOffset == nil)
    bench.receive(key)
    #expect(bench.read().keyUnitOffset == -(Packets.frame(sps) + Packets.frame(pps)))
  }

  @Test("a late packet that is put before others moves the key unit's beginning with them")
  func keyMoves() {
    let bench = Bench(reorders: true)
    let second = Packets.packet(2, time: 1800, Packets.other, marker: true)
    let third = Packets.packet(3, time: 3600, Packets.key, marker: true)
    bench.receive(first)
    bench.receive(third)
    bench.receive(second, at: Packets.frame(first))
    #expect(bench.read().keyUnitOffset == Packets.frame(first) + Packets.frame(second))
  }

  @Test("a late packet of the key unit itself is its beginning")
  func keyBeginsLate() {
    let bench = Bench(reorders: true)
    let late = Packets.packet(2, time: 3600, Packets.sps)
    let third = Packets.packet(3, time: 3600, Packets.key, marker: true)
    bench.receive(first)
    bench.receive(third)
    bench.receive(late, at: Packets.frame(first))
    #expect(bench.read().keyUnitOffset == Packets.frame(first))
  }

  // MARK: What is received

  @Test("what belongs to no track, is no RTP or is of another payload type is not forwarded")
  func foreign() {
    let bench = Bench()
    #expect(!bench.receive(first, track: 1))
    #expect(!bench.receive([0x80, 96, 0]))
    #expect(!bench.receive(Packets.packet(1, time: 0, [1], payloadType: 13)))
    let waiting = Bench(isLive: false)
    #expect(!waiting.receive(first), "before admission there is no stream")
    #expect(bench.read().units.isEmpty)
  }

  @Test("packets are counted, and the last unit is complete when nothing more comes")
  func counted() {
    let bench = Bench()
    bench.receive(first)
    bench.receive(Packets.packet(3, time: 3600, Packets.key))
    #expect(bench.read().units.count == 1)
    bench.flush()
    #expect(bench.read().units.map(\.isKey) == [true])
    let counts = bench.meter.inbound(at: bench.now + .seconds(1))
    #expect(counts.packetsReceived == 2 && counts.packetsLost == 1)
  }

  @Test("without pictures every frame is a key unit, and none is looked for in the packets")
  func soundAlone() {
    let sound = Track(index: 0, codec: .opus, clockRate: 48_000, channels: 2)
    let bench = Bench(tracks: [sound])
    bench.receive(Packets.packet(1, time: 0, [0xFC, 1, 2, 3], marker: true))
    let batch = bench.read()
    #expect(batch.units.map(\.isKey) == [true] && batch.keyUnitOffset == nil)
  }

  // MARK: News

  @Test("parameters that come in band are news once")
  func parameters() {
    let bare = Track(index: 0, codec: .h264, clockRate: 90_000)
    let bench = Bench(tracks: [bare])
    #expect(bench.news() == nil && bench.reception.tracks == [bare])
    for packet in [sps, pps, key] { bench.receive(packet) }
    let tracks = bench.news()?.tracks
    #expect(tracks?.first?.parameters == .h264(sps: [Packets.sps], pps: [Packets.pps]))
    #expect(tracks == bench.reception.tracks)
    #expect(bench.news() == nil)
  }

  @Test("a sender report is news, and from then on units carry their capture time")
  func senderReport() {
    let bench = Bench()
    let wall = WallTime(nanoseconds: 1_700_000_000_000_000_000)
    bench.rtcp([
      .senderReport(SenderReport(ssrc: Packets.ssrc, ntp: NTPTime(wall), rtpTimestamp: 3600, packetCount: 1, octetCount: 1))
    ])
    #expect(bench.news()?.senderClocks == [IntakeNews.SenderClock(track: 0, wall: NTPTime(wall).wallTime, rtpTimestamp: 3600)])
    for packet in [sps, pps, key] { bench.receive(packet) }
    #expect(bench.read().units.first?.capture == CaptureTime(wall: NTPTime(wall).wallTime, source: .rtcpSenderReport))
    bench.now = bench.now + .seconds(2)
    let block = bench.reception.reportBlock(
      Measure.ReportBlock(fractionLost: 1, cumulativeLost: 2, extendedHighestSequenceNumber: 3, jitter: 4), track: 0, at: bench.now)
    #expect(block?.ssrc == Packets.ssrc && block?.lastSenderReport == NTPTime(wall).middle)
    #expect(block?.delaySinceLastSenderReport == 2 << 16)
    #expect(block?.fractionLost == 1 && block?.cumulativeLost == 2 && block?.jitter == 4)
  }

  @Test("a sender report without a clock is none, and one of no track is dropped")
  func unknownClock() {
    let bench = Bench()
    let report = SenderReport(ssrc: 1, ntp: NTPTime(rawValue: 0), rtpTimestamp: 9, packetCount: 0, octetCount: 0)
    bench.rtcp([.senderReport(report)])
    bench.rtcp([.senderReport(report)], track: 7)
    #expect(bench.news() == nil)
  }

  private let sound = Track(index: 1, codec: .pcma, clockRate: 8000, parameters: .g711(channels: 1), channels: 1)

  @Test("a BYE counts once nothing has come behind it for a second; one of another source, and one before more pictures, does not")
  func goodbye() {
    let bench = Bench()
    let (start, later) = (bench.now, bench.now + .seconds(1))
    bench.receive(first)
    bench.rtcp([.receiverReport(ssrc: 1, reports: [])])
    bench.rtcp([.goodbye(ssrcs: [Packets.ssrc &+ 1], reason: nil)])
    #expect(!bench.reception.hasLeft(at: later))
    bench.rtcp([.goodbye(ssrcs: [Packets.ssrc], reason: nil)])
    #expect(!bench.reception.hasLeft(at: start) && bench.reception.hasLeft(at: later))
    bench.now = start + .milliseconds(40)
    bench.receive(Packets.packet(2, time: 3600, Packets.other, marker: true))
    #expect(!bench.reception.hasLeft(at: later) && bench.reception.lastPicture == bench.now)
    bench.now = start + .seconds(2)
    bench.rtcp([.goodbye(ssrcs: [], reason: nil)])
    bench.now = start + .seconds(4)
    bench.rtcp([.goodbye(ssrcs: [], reason: nil)])
    #expect(bench.reception.hasLeft(at: start + .seconds(3)))
  }

  @Test("sound that says goodbye, or goes on, says nothing of the pictures; without video it is sound that counts")
  func liveness() {
    let both = Bench(tracks: [Packets.track, sound])
    both.receive(first)
    let picture = both.now
    both.now = picture + .seconds(5)
    both.receive(Packets.packet(1, time: 0, [0xD5, 0xD5], payloadType: 8, ssrc: 7), track: 1)
    both.rtcp([.goodbye(ssrcs: [7], reason: nil)], track: 1)
    #expect(both.reception.hasVideo && both.reception.lastPicture == picture)
    #expect(!both.reception.hasLeft(at: both.now + .seconds(9)))
    both.rtcp([.goodbye(ssrcs: [Packets.ssrc], reason: nil)])
    #expect(both.reception.hasLeft(at: both.now + .seconds(1)))
    var alone = sound
    alone.index = 0
    let voice = Bench(tracks: [alone])
    voice.rtcp([.goodbye(ssrcs: [7], reason: nil)])
    #expect(!voice.reception.hasVideo && voice.reception.lastPicture == nil && voice.reception.hasLeft(at: voice.now + .seconds(1)))
  }

  @Test("another source of the same track gives no capture times: its timestamps are moved")
  func newSource() {
    let bench = Bench()
    let wall = WallTime(nanoseconds: 1_700_000_000_000_000_000)
    bench.receive(first)
    bench.receive(Packets.packet(100, time: 7, Packets.key, marker: true, ssrc: 2))
    bench.rtcp([.senderReport(SenderReport(ssrc: 2, ntp: NTPTime(wall), rtpTimestamp: 7, packetCount: 1, octetCount: 1))])
    bench.receive(Packets.packet(101, time: 3607, Packets.other, marker: true, ssrc: 2))
    #expect(bench.read().units.allSatisfy { $0.capture == nil })
    #expect(bench.reception.ssrc(track: 0) == 2)
  }
}
