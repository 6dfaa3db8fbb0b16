import Gateway
import Measure
import Model
import NIOCore
import RTPMedia
import Testing
import Wire

@Suite("RTCP towards a publisher", .timeLimit(.minutes(1)))
struct ReceiverReportsTests {
  private let now = BootTime(nanoseconds: 2_000_000_000_000)

  @Test("the first reports are due after a second, the next an interval later, each once")
  func intervals() {
    var reports = ReceiverReports(node: "here", interval: .seconds(5), at: now)
    let isDue = [999, 1000, 1000, 5999, 6000].map { reports.isDue(at: now + .milliseconds($0)) }
    #expect(isDue == [false, true, false, false, true])
  }

  @Test("a report says what was received and when the sender's last report came; before the first packet there is none")
  func report() async throws {
    try await LivePublisher.with { publisher in
      let (reports, now) = (ReceiverReports(node: "here", interval: .seconds(5), at: now), now)
      #expect(try await publisher.on { reports.report(track: 0, of: $0, at: now) } == nil)
      #expect(try await publisher.on { reports.pictureLoss(track: 0, of: $0) } == nil)
      try await publisher.round([1, 2, 4].map { Packets.packet($0, time: 0, Packets.key) }, at: now)
      let wall = WallTime(nanoseconds: 1_700_000_000_000_000_000)
      try await publisher.on { session in
        let compound = RTCPPacket.compound([
          .senderReport(SenderReport(ssrc: Packets.ssrc, ntp: NTPTime(wall), rtpTimestamp: 1, packetCount: 1, octetCount: 1))
        ])
        session.receive { reception, _ in compound.withUnsafeReadableBytes { reception.rtcp($0, track: 0, arrival: now) } }
      }
      let later = now + .milliseconds(500)
      let made = try await publisher.on { reports.report(track: 0, of: $0, at: later) }
      let compound = try #require(made).compound
      guard case .receiverReport(let ssrc, let blocks) = compound.first, let block = blocks.first else {
        Issue.record("no receiver report first")
        return
      }
      #expect(block.ssrc == Packets.ssrc && block.cumulativeLost == 1 && block.fractionLost == 64)
      #expect(block.extendedHighestSequenceNumber & 0xFFFF == 4)
      #expect(block.lastSenderReport == NTPTime(wall).middle && block.delaySinceLastSenderReport == 1 << 15)
      #expect(compound.last == .sourceDescription([RTCPPacket.SourceName(ssrc: ssrc, cname: "firstframe@here")]))
      #expect(try await publisher.on { reports.report(track: 3, of: $0, at: later) } == nil)
    }
  }

  @Test("a key frame is asked for by PLI, and the goodbye is BYE, both from our own source and in whole compounds")
  func requests() async throws {
    try await LivePublisher.with { publisher in
      let reports = ReceiverReports(node: "here", interval: .seconds(5), at: now)
      try await publisher.round([Packets.packet(1, time: 0, Packets.key)], at: now)
      let request = try #require(try await publisher.on { reports.pictureLoss(track: 0, of: $0) }).compound
      guard case .receiverReport(let ssrc, _) = request.first else {
        Issue.record("a compound begins with a report")
        return
      }
      #expect(request.count == 3 && request.last == .pictureLoss(sender: ssrc, media: Packets.ssrc))
      let goodbye = reports.goodbye.compound
      #expect(goodbye.count == 3 && goodbye.last == .goodbye(ssrcs: [ssrc], reason: nil))
    }
  }
}
