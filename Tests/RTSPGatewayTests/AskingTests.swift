import Gateway
import Hub
import Model
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import RTSPGateway
import Testing
import Transport
import Wire

@Suite("Who wants a picture asks the sender for one", .serialized)
struct AskingTests {
  private static let sdp =
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    + "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtkAoD2hAAADAAEAAAMAMg8WLkg=,aMuMsg==\r\na=control:trackID=0\r\n"

  private struct Blind: PictureDecoder {
    func decode(_ unit: AccessUnit, of track: Track) async throws -> DecodedPicture { throw Fault(.decodeFailed, "blind") }
  }

  private static func packet(_ number: UInt8, _ payload: [UInt8], marker: Bool = true, time: UInt8) -> [UInt8] {
    let packet: [UInt8] = [0x80, marker ? 0xE0 : 0x60, 0, number, 0, 0, time, 0, 0, 0, 0, 7] + payload
    return [0x24, 0, 0, UInt8(packet.count)] + packet
  }

  /// How many picture loss indications (RFC 4585 §6.3.1) have come to the publisher, on the channel of its reports.
  private static func asked(_ client: RawClient) -> Int {
    client.received.withUnsafeReadableBytes { bytes in
      var found = 0
      for at in bytes.indices.dropLast(4) where bytes[at] == 0x24 && bytes[at + 1] == 1 {
        guard case .frame(_, let length) = InterleavedFraming.find(at: at, in: bytes), at + 4 + length <= bytes.count else { continue }
        let compound = RTCPPacket.parseCompound(UnsafeRawBufferPointer(rebasing: bytes[at + 4..<at + 4 + length]))
        found += compound.count { if case .pictureLoss = $0 { true } else { false } }
      }
      return found
    }
  }

  private func asked(_ client: RawClient, _ name: String, _ gateway: TestGateway, atLeast count: Int) async throws -> Bool {
    for _ in 0..<600 {
      if Self.asked(client) >= count { return true }
      try await gateway.group.next().scheduleTask(in: .milliseconds(10)) {}.futureResult.get()
    }
    return false
  }

  @Test("at once when the key frame lacks a packet or came too early, and again while none comes", arguments: ["damaged", "old", "none"])
  func asks(_ why: String) async throws {
    try await TestGateway.with { gateway, _ in
      let name = try #require(StreamName("live/\(why)"))
      let client = try await RawClient.connect(port: gateway.server.port, group: gateway.group)
      let url = gateway.url(name.path)
      _ = try await client.ask("ANNOUNCE", url, cseq: 1, "Content-Type: application/sdp\r\n", body: Self.sdp)
      _ = try await client.ask("SETUP", url + "/trackID=0", cseq: 2, "Transport: RTP/AVP/TCP;unicast;interleaved=0-1;mode=record\r\n")
      _ = try await client.ask("RECORD", url, cseq: 3)
      let reasons = NIOLockedValueBox<[String]>([])
      // "old": what comes now is from before the incident.
      let from = gateway.hub.clock.bootTime() + (why == "old" ? .seconds(60) : .zero)
      let probe = PictureProbe.start(
        on: name, of: gateway.hub, loop: gateway.media.next(), decoder: Blind(), condition: PictureProbe.Condition(receivedFrom: from)
      ) { if case .refused(_, let reason) = $0 { reasons.withLockedValue { $0.append(reason) } } }
      // A key picture in three fragments, of which the middle one is lost; or a whole one; or one that no decoding can begin with.
      let first: [[UInt8]] =
        switch why {
        case "damaged": [Self.packet(1, [0x7C, 0x85, 0x88, 1], marker: false, time: 1), Self.packet(3, [0x7C, 0x45, 2, 2], time: 1)]
        case "old": [Self.packet(1, [0x65, 0x88, 0x84, 1], time: 1)]
        default: [Self.packet(1, [0x61, 0x88, 0x84, 1], time: 1)]
        }
      try await client.send((first + [Self.packet(4, [0x61, 0x88, 0x84, 2], time: 2)]).flatMap { $0 })
      #expect(try await asked(client, why, gateway, atLeast: 1), "\(why)")
      if why == "none" { #expect(try await asked(client, why, gateway, atLeast: 2)) }
      let refused = reasons.withLockedValue { $0 }
      #expect(refused.first == (why == "damaged" ? "damaged" : why == "old" ? "beforeReceived" : nil))
      probe.cancel()
      await client.close()
    }
  }
}
