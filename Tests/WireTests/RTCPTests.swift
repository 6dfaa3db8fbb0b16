import FirstFrameTesting
import Model
import NIOCore
import Testing
import Wire

@Suite("RTCP")
struct RTCPTests {
  private func parse(_ bytes: [UInt8]) -> [RTCPPacket] { bytes.withUnsafeBytes { RTCPPacket.parseCompound($0) } }
  private func parse(_ buffer: ByteBuffer) -> [RTCPPacket] { parse(Array(buffer.readableBytesView)) }

  static let block = ReportBlock(
    ssrc: 7, fractionLost: 128, cumulativeLost: -3, extendedHighestSequenceNumber: 0x0001_FFFF, jitter: 42, lastSenderReport: 0xB705_2000,
    delaySinceLastSenderReport: 0x0005_4000)
  static let everything: [RTCPPacket] = [
    .senderReport(
      SenderReport(
        ssrc: 1, ntp: NTPTime(rawValue: 0xB44D_B705_2000_0000), rtpTimestamp: 90_000, packetCount: 3, octetCount: 400, reports: [block])),
    .receiverReport(ssrc: 2, reports: [block, ReportBlock(ssrc: 8, cumulativeLost: 0x7F_FFFF)]),
    .sourceDescription([
      RTCPPacket.SourceName(ssrc: 2, cname: "县中心@ff"), RTCPPacket.SourceName(ssrc: 3, cname: ""),
      RTCPPacket.SourceName(ssrc: 4, cname: "abc"),
    ]),
    .goodbye(ssrcs: [2, 3], reason: "teardown"), .goodbye(ssrcs: [9], reason: nil),
    .application(subtype: 5, ssrc: 4, name: "FFRM", data: [1, 2, 3, 4]), .pictureLoss(sender: 5, media: 6),
    .fullIntraRequest(sender: 5, entries: [RTCPPacket.IntraRequest(ssrc: 6, sequenceNumber: 200)]),
    .unknown(type: 205, count: 15, body: [0, 0, 0, 1, 0, 0, 0, 2]),
  ]

  @Test("every packet written is read back as it was, alone and as one compound")
  func roundTrip() {
    for packet in Self.everything { #expect(parse(RTCPPacket.compound([packet])) == [packet]) }
    #expect(parse(RTCPPacket.compound(Self.everything)) == Self.everything)
  }

  @Test("ffmpeg's sender reports are read, and written again to the same bytes")
  func ffmpeg() throws {
    let packets = try RTSPCorpus.packets("rtcp", "ffmpeg-h264-aac-tcp.rtcp")
    #expect(packets.count == 2)
    var times: [WallTime] = []
    for bytes in packets {
      let parsed = parse(bytes)
      #expect(Array(RTCPPacket.compound(parsed).readableBytesView) == bytes)
      guard case .senderReport(let report)? = parsed.first else {
        Issue.record("not a sender report: \(parsed)")
        continue
      }
      times.append(report.ntp.wallTime)
      #expect(report.reports.isEmpty)
    }
    // Both tracks' reports were sent within the second, by the clock of the machine that made the corpus.
    let span = (times.max()?.nanoseconds ?? 0) - (times.min()?.nanoseconds ?? 0)
    #expect(times.count == 2 && span < 1_000_000_000)
    #expect(times.allSatisfy { $0.description > "2026-" && $0.description < "2036-" })
  }

  @Test("GStreamer's receiver reports carry a block about the source, then its name")
  func gstreamer() throws {
    let sources = try RTSPCorpus.packets("rtcp", "ffmpeg-h264-aac-tcp.rtcp").compactMap { bytes -> UInt32? in
      if case .senderReport(let report)? = parse(bytes).first { report.ssrc } else { nil }
    }
    let packets = try RTSPCorpus.packets("rtcp", "gst-read-tcp.rtcp")
    #expect(packets.count == 2)
    for bytes in packets {
      let parsed = parse(bytes)
      guard case .receiverReport(let receiver, let reports)? = parsed.first, case .sourceDescription(let names)? = parsed.last else {
        Issue.record("not a receiver report and a name: \(parsed)")
        continue
      }
      #expect(reports.count == 1)
      #expect(sources.contains(try #require(reports.first).ssrc))
      #expect(try #require(reports.first).cumulativeLost == 0)
      #expect(names.map(\.ssrc) == [receiver])
      #expect(try #require(names.first).cname.contains("@host-"))
    }
  }

  @Test("NTP time of wall times, by exact arithmetic elsewhere, and back to the nanosecond, over the era's end in 2036")
  func ntp() {
    let vectors: [(Int64, UInt64)] = [
      (1_795_342_686_123_456_789, 0xEEAD_3FDE_1F9A_DD37), (0, 0x83AA_7E80_0000_0000), (1, 0x83AA_7E80_0000_0004),
      (-1_500_000_000, 0x83AA_7E7E_8000_0000), (2_085_978_496_000_000_000, 0), (4_000_000_000_000_000_001, 0x7215_A680_0000_0004),
    ]
    for (wall, ntp) in vectors {
      #expect(NTPTime(WallTime(nanoseconds: wall)).rawValue == ntp)
      #expect(NTPTime(rawValue: ntp).wallTime.nanoseconds == wall)
    }
    var random = Mutator(seed: 3)
    for _ in 0..<2000 {
      let wall = WallTime(nanoseconds: Int64.random(in: 0...4_000_000_000_000_000_000, using: &random))
      #expect(NTPTime(wall).wallTime == wall)
    }
  }

  @Test("the round trip of RFC 3550's figure 2 is 6.125 s; without a report, or held longer than gone, there is none")
  func roundTripTime() {
    let arrival = NTPTime(rawValue: 0xB44D_B710_8000_0000)
    #expect(Self.block.roundTrip(arrival: arrival) == Nanoseconds(6_125_000_000))
    #expect(ReportBlock(ssrc: 1).roundTrip(arrival: arrival) == nil)
    #expect(Self.block.roundTrip(arrival: NTPTime(rawValue: 0xB44D_B70A_5FFF_0000)) == nil)
    #expect(ReportBlock.delay(Nanoseconds(5_250_000_000)) == 0x0005_4000)
    #expect(ReportBlock.delay(.seconds(70_000)) == .max)
    #expect(ReportBlock.delay(Nanoseconds(-1)) == 0)
  }

  @Test("a sender report gives RTP timestamps before and after it their wall time, through a wrap; one without a clock gives none")
  func captureTime() throws {
    let wall = try #require(WallTime("2026-11-22T10:00:00Z"))
    let report = SenderReport(ssrc: 1, ntp: NTPTime(wall), rtpTimestamp: 45_000, packetCount: 0, octetCount: 0)
    #expect(report.wallTime(of: 135_000, clockRate: 90_000)?.description == "2026-11-22T10:00:01.000000000Z")
    #expect(report.wallTime(of: 0 &- 45_000, clockRate: 90_000)?.description == "2026-11-22T09:59:59.000000000Z")
    var without = report
    without.ntp = NTPTime(rawValue: 0)
    #expect(without.wallTime(of: 0, clockRate: 90_000) == nil)
  }

  @Test("padding behind the last packet is taken off, and padding that does not fit ends the list")
  func padding() {
    let padded: [UInt8] = [0xA1, 203, 0, 2, 0, 0, 0, 9, 0, 0, 0, 4]
    #expect(parse(padded) == [.goodbye(ssrcs: [9], reason: nil)])
    #expect(parse(padded.dropLast() + [9]).isEmpty)
    #expect(parse(padded.dropLast() + [0]).isEmpty)
  }

  @Test("a compound is read as far as it is sound")
  func partial() {
    let good = Array(RTCPPacket.compound([.pictureLoss(sender: 1, media: 2)]).readableBytesView)
    #expect(parse(good + [0x80, 200, 0, 9]) == [.pictureLoss(sender: 1, media: 2)])
    #expect(parse(good + [0x40, 200, 0, 0]) == [.pictureLoss(sender: 1, media: 2)])
    #expect(parse([0x81, 200, 0, 6] + [UInt8](repeating: 0, count: 24)).isEmpty)
  }

  @Test("RTCP is told from RTP on one port")
  func demultiplexing() throws {
    for name in RTSPCorpus.names("rtcp") {
      for packet in try RTSPCorpus.packets("rtcp", name) { #expect(packet.withUnsafeBytes { RTCPPacket.isRTCP($0) }) }
    }
    for name in RTSPCorpus.names("rtp") {
      for packet in try RTSPCorpus.packets("rtp", name) { #expect(!packet.withUnsafeBytes { RTCPPacket.isRTCP($0) }) }
    }
  }

  @Test("lists too long for their counts are cut, not corrupted")
  func limits() {
    let many = (0..<40).map { ReportBlock(ssrc: $0) }
    guard case .receiverReport(_, let reports)? = parse(RTCPPacket.compound([.receiverReport(ssrc: 1, reports: many)])).first else {
      Issue.record("unreadable")
      return
    }
    #expect(reports == Array(many.prefix(31)))
    let long = RTCPPacket.sourceDescription([RTCPPacket.SourceName(ssrc: 1, cname: String(repeating: "x", count: 300))])
    #expect(
      parse(RTCPPacket.compound([long]))
        == [.sourceDescription([RTCPPacket.SourceName(ssrc: 1, cname: String(repeating: "x", count: 255))])])
  }

  @Test("4000 mutants of real and made compounds: no trap, and what is read can be written")
  func fuzz() throws {
    var samples = [Array(RTCPPacket.compound(Self.everything).readableBytesView)]
    for name in RTSPCorpus.names("rtcp") { samples += try RTSPCorpus.packets("rtcp", name) }
    var mutator = Mutator(seed: 17)
    var read = 0
    for round in 0..<4000 {
      let parsed = parse(mutator.mutate(samples[round % samples.count], with: samples[0]))
      read += parsed.count
      let written = RTCPPacket.compound(parsed)
      #expect(written.readableBytes % 4 == 0)
      #expect(parse(written).count == parsed.count)
    }
    #expect(read > 3000)
  }
}
