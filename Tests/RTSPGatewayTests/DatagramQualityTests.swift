import Foundation
import Gateway
import Hub
import Measure
import Model
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import RTSPGateway
import Testing
import Wire

@Suite("Media by UDP is counted as it came", .serialized)
struct DatagramQualityTests {
  /// Keeps what the gateway sends back.
  private final class Keeper: ChannelInboundHandler, Sendable {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    let packets = NIOLockedValueBox<[RTCPPacket]>([])
    let first: EventLoopPromise<Void>

    init(first: EventLoopPromise<Void>) { self.first = first }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let parsed = unwrapInboundIn(data).data.withUnsafeReadableBytes { RTCPPacket.parseCompound($0) }
      packets.withLockedValue { $0 += parsed }
      let reported = parsed.contains { if case .receiverReport(_, let blocks) = $0 { !blocks.isEmpty } else { false } }
      if reported { first.succeed() }
    }
  }

  /// Picture `picture` of 100 as four packets: parameter sets come by SDP, each packet is a slice.
  private static func packet(_ index: Int) -> [UInt8] {
    let picture = index / 4
    let sequence = UInt16(truncatingIfNeeded: 65_400 + index)
    let timestamp = UInt32(picture) * 3600
    let isLast = index % 4 == 3
    var bytes: [UInt8] = [0x80, 96 | (isLast ? 0x80 : 0), UInt8(sequence >> 8), UInt8(sequence & 255)]
    withUnsafeBytes(of: timestamp.bigEndian) { bytes += $0 }
    bytes += [0, 0, 0, 77]
    // first_mb_in_slice is 0 for the first slice only: 1 bit, else Exp-Golomb 1.
    bytes += [picture % 25 == 0 ? 0x65 : 0x61, index % 4 == 0 ? 0x88 : 0x44]
    return bytes + [UInt8](repeating: UInt8(index & 255), count: 60)
  }

  private static func senderReport() -> ByteBuffer {
    let report = SenderReport(
      ssrc: 77, ntp: NTPTime(WallTime(nanoseconds: 1_700_000_000_000_000_000)), rtpTimestamp: 0, packetCount: 4, octetCount: 248)
    return RTCPPacket.compound([.senderReport(report)])
  }

  @Test("lost, repeated and reordered packets are told exactly, to the hub and to the sender")
  func exact() async throws {
    try await TestGateway.with { gateway, _ in
      let name = try #require(StreamName("live/drone"))
      let collector = try await UnitCollector.on(name, of: gateway)
      let loop = gateway.group.next()
      let keeper = Keeper(first: loop.makePromise())
      let rtp = try await DatagramBootstrap(group: loop).bind(host: "127.0.0.1", port: 0).get()
      let rtcp = try await DatagramBootstrap(group: loop).channelInitializer { $0.pipeline.addHandler(keeper) }
        .bind(host: "127.0.0.1", port: 0).get()
      let client = try await RawClient.connect(port: gateway.server.port, group: gateway.group)
      let url = gateway.url("live/drone")
      let sdp =
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
        + "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtkAoD2hAAADAAEAAAMAMg8WLkg=,aMuMsg==\r\na=control:trackID=0\r\n"
      _ = try await client.ask("ANNOUNCE", url, cseq: 1, "Content-Type: application/sdp\r\n", body: sdp)
      let ports = "\(rtp.localAddress?.port ?? 0)-\(rtcp.localAddress?.port ?? 0)"
      let answer = try await client.ask(
        "SETUP", url + "/trackID=0", cseq: 2, "Transport: RTP/AVP;unicast;client_port=\(ports);mode=record\r\n")
      let port = try #require(answer.split(separator: "server_port=").last?.split(separator: "-").first.flatMap { Int($0) })
      _ = try await client.ask("RECORD", url, cseq: 3)

      // Of 400 packets: three lost, two repeated, one pair exchanged; the first and the last arrive, so all 400 are expected.
      let lost: Set<Int> = [57, 58, 203]
      var order = (0..<400).filter { !lost.contains($0) }
      order.insert(10, at: try #require(order.firstIndex(of: 11)))
      order.insert(300, at: try #require(order.firstIndex(of: 302)))
      order.swapAt(try #require(order.firstIndex(of: 150)), try #require(order.firstIndex(of: 151)))
      let target = try SocketAddress(ipAddress: "127.0.0.1", port: port)
      let reports = try SocketAddress(ipAddress: "127.0.0.1", port: port + 1)
      try await rtcp.writeAndFlush(AddressedEnvelope(remoteAddress: reports, data: Self.senderReport()))
      for index in order {
        try await rtp.writeAndFlush(AddressedEnvelope(remoteAddress: target, data: ByteBuffer(bytes: Self.packet(index))))
      }
      // A stranger's packets, from another port of the same host, are nobody's.
      let stranger = try await DatagramBootstrap(group: loop).bind(host: "127.0.0.1", port: 0).get()
      try await stranger.writeAndFlush(AddressedEnvelope(remoteAddress: target, data: ByteBuffer(bytes: Self.packet(57))))

      try await collector.atLeast(99)
      try await keeper.first.futureResult.get()
      let snapshot = try #require(try await gateway.hub.snapshot(of: name))
      let quality = try #require(snapshot.inbound)
      #expect(quality.method == .rtp)
      #expect(quality.packetsExpected == 400)
      #expect(quality.packetsLost == 3)
      #expect(quality.packetsDuplicated == 2)
      #expect(quality.packetsReordered == 1)
      #expect(quality.roundTripMethod == "tcp-info")
      let blocks = keeper.packets.withLockedValue { $0 }.compactMap { packet -> Wire.ReportBlock? in
        if case .receiverReport(_, let blocks) = packet { blocks.first } else { nil }
      }
      let block = try #require(blocks.last)
      #expect(block.ssrc == 77)
      #expect(block.cumulativeLost == 3)
      #expect(block.extendedHighestSequenceNumber == UInt32(65_400 + 399))
      #expect(block.lastSenderReport == NTPTime(WallTime(nanoseconds: 1_700_000_000_000_000_000)).middle)
      #expect(block.delaySinceLastSenderReport < 5 * 65_536)
      // The three losses hit pictures 14 and 50; what refers to them is not clean until the next key picture.
      let units = collector.units
      let damaged = units.enumerated().filter { $0.element.flags.contains(.damaged) }.map { $0.element.pts.value / 3600 }
      #expect(damaged == [14, 50])
      #expect(units.filter(\.isKey).count == 4)
      // The report came on a socket of its own, so that it may be read after the first packets: the last picture tells.
      let (first, last) = (try #require(units.first), try #require(units.last))
      let since = (last.pts.value - first.pts.value) / 9 * 100_000
      #expect(last.capture?.wall == WallTime(nanoseconds: 1_700_000_000_000_000_000 + since))
      try await rtp.close()
      try await rtcp.close()
      try await stranger.close()
    }
  }
}
