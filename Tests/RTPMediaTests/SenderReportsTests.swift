import Measure
import Model
import NIOCore
import RTPMedia
import Testing
import Wire

@Suite("RTCP towards a receiver")
struct SenderReportsTests {
  /// Reports and the account of the receiver.
  private final class Bench {
    private(set) var reports: SenderReports
    private(set) var meter = OutboundMeter(method: .rtp, hop: .viewer, session: "s")

    init(sends: [Bool] = [true, true]) {
      reports = SenderReports(clockRates: [90_000, 48_000], sends: sends, node: "here", interval: .seconds(5), at: SenderReportsTests.start)
    }

    func count(_ bytes: ByteBuffer) -> Int { reports.count(bytes, arrival: SenderReportsTests.start) }

    func report(track: Int, at now: BootTime = SenderReportsTests.start) -> [RTCPPacket]? {
      reports.report(track: track, at: now, wall: SenderReportsTests.wall)?.compound
    }

    func goodbye(track: Int) -> [RTCPPacket]? {
      reports.goodbye(track: track, at: SenderReportsTests.start, wall: SenderReportsTests.wall)?.compound
    }

    func receive(
      _ parts: [RTCPPacket], track: Int = 0, at now: BootTime = SenderReportsTests.start, measuresRoundTrip: Bool = true
    ) -> SenderReports.Feedback {
      RTCPPacket.compound(parts).withUnsafeReadableBytes {
        reports.receive($0, track: track, at: now, measuresRoundTrip: measuresRoundTrip, &meter)
      }
    }
  }

  private static let start = BootTime(nanoseconds: 5_000_000_000)
  private static let wall = WallTime(nanoseconds: 1_700_000_000_000_000_000)

  private func framed(_ packets: [(track: UInt8, bytes: [UInt8])]) -> ByteBuffer {
    var frames = RTPFrames()
    for packet in packets { packet.bytes.withUnsafeBytes { _ = frames.append($0, channel: packet.track * 2) } }
    return frames.bytes
  }

  @Test("packets are counted by track, those of tracks that the receiver does not get are not")
  func counts() {
    let bench = Bench(sends: [true, false])
    let bytes = framed([
      (0, Packets.packet(1, time: 10, [1, 2, 3])), (1, Packets.packet(1, time: 10, [1])), (0, Packets.packet(2, time: 20, [1, 2])),
      (9, Packets.packet(1, time: 10, [1])),
    ])
    #expect(bench.count(bytes) == 2)
    guard case .senderReport(let report)? = bench.report(track: 0)?.first else {
      Issue.record("no report")
      return
    }
    #expect(report.packetCount == 2 && report.octetCount == 5 && report.ssrc == Packets.ssrc)
    #expect(report.rtpTimestamp == 20 && report.ntp == NTPTime(SenderReportsTests.wall))
    #expect(bench.report(track: 1) == nil)
    #expect(bench.report(track: 2) == nil)
  }

  @Test("a report names its source, and a goodbye ends it")
  func compounds() {
    let bench = Bench()
    #expect(bench.goodbye(track: 0) == nil, "nothing was sent")
    _ = bench.count(framed([(0, Packets.packet(1, time: 10, [1]))]))
    let report = bench.report(track: 0)
    #expect(report?.last == .sourceDescription([RTCPPacket.SourceName(ssrc: Packets.ssrc, cname: "firstframe@here")]))
    let goodbye = bench.goodbye(track: 0)
    #expect(goodbye?.count == 2 && goodbye?.last == .goodbye(ssrcs: [Packets.ssrc], reason: nil))
  }

  @Test("the first reports are due after a second, the next an interval after they went")
  func intervals() {
    let bench = Bench()
    _ = bench.count(framed([(0, Packets.packet(1, time: 10, [1]))]))
    #expect(!bench.reports.isDue(at: SenderReportsTests.start + .milliseconds(999)))
    let first = SenderReportsTests.start + .seconds(1)
    #expect(bench.reports.isDue(at: first))
    #expect(bench.report(track: 0, at: first) != nil)
    #expect(!bench.reports.isDue(at: first + .milliseconds(4999)) && bench.reports.isDue(at: first + .seconds(5)))
  }

  @Test("PLI and FIR ask for a key frame, BYE leaves, and several may come together")
  func feedback() {
    let bench = Bench()
    let pictureLoss = RTCPPacket.pictureLoss(sender: 1, media: Packets.ssrc)
    let fullIntra = RTCPPacket.fullIntraRequest(sender: 1, entries: [RTCPPacket.IntraRequest(ssrc: Packets.ssrc, sequenceNumber: 1)])
    let report = RTCPPacket.receiverReport(ssrc: 1, reports: [])
    #expect(bench.receive([report]) == [])
    #expect(bench.receive([report, pictureLoss]) == .wantsKeyframe)
    #expect(bench.receive([report, fullIntra]) == .wantsKeyframe)
    let all = bench.receive([report, pictureLoss, .goodbye(ssrcs: [1], reason: nil)])
    #expect(all == [.wantsKeyframe, .leaves])
    #expect(bench.receive([pictureLoss], track: 5) == [])
  }

  @Test("a receiver report gives loss, jitter and, where it is asked for, the round trip", arguments: [true, false])
  func receiverReport(measuresRoundTrip: Bool) throws {
    let bench = Bench()
    _ = bench.count(framed([(0, Packets.packet(1, time: 10, [1]))]))
    guard case .senderReport(let sent)? = bench.report(track: 0)?.first else {
      Issue.record("no report")
      return
    }
    let block = Wire.ReportBlock(
      ssrc: Packets.ssrc, fractionLost: 64, cumulativeLost: 3, extendedHighestSequenceNumber: 10, jitter: 900,
      lastSenderReport: sent.ntp.middle, delaySinceLastSenderReport: 1 << 15)
    let now = SenderReportsTests.start + .milliseconds(540)
    _ = bench.receive([.receiverReport(ssrc: 1, reports: [block])], at: now, measuresRoundTrip: measuresRoundTrip)
    let quality = bench.meter.quality
    #expect(quality.packetsLost == 3 && quality.lossRatio == 0.25 && quality.jitterMilliseconds == 10)
    #expect(quality.roundTripMilliseconds == (measuresRoundTrip ? 40 : nil))
    #expect(bench.reports.hasRoundTrip == measuresRoundTrip)
  }

  @Test("a viewer that sends too reports in its sender reports")
  func reportsInSenderReport() {
    let bench = Bench()
    let own = SenderReport(
      ssrc: 1, ntp: NTPTime(SenderReportsTests.wall), rtpTimestamp: 0, packetCount: 0, octetCount: 0,
      reports: [Wire.ReportBlock(ssrc: Packets.ssrc, cumulativeLost: 7)])
    _ = bench.receive([.senderReport(own)])
    #expect(bench.meter.quality.packetsLost == 7)
  }
}
