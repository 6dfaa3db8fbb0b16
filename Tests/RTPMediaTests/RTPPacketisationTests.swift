import Model
import NIOCore
import RTPMedia
import Testing
import Wire

@testable import Hub

@Suite("RTP made of units")
struct RTPPacketisationTests {
  private let audio = Track(index: 1, codec: .opus, clockRate: 48_000, channels: 2)

  private func description(_ tracks: [Track]) -> StreamDescription {
    StreamDescription(
      name: Packets.name, tracks: tracks, mediaProtocol: .rtmp, origin: Packets.origin, epoch: 1, session: "s", rtpPayloads: [],
      continues: false)
  }

  private func unit(_ track: UInt8, _ nalUnit: [UInt8], time: Int64, key: Bool = false) -> AccessUnit {
    var payload = ByteBuffer()
    if track == 0 { payload.writeInteger(UInt32(nalUnit.count)) }
    payload.writeBytes(nalUnit)
    return AccessUnit(
      id: AccessUnitID(origin: Packets.origin, epoch: 1, number: 1), track: track, pts: MediaTime(value: time, timescale: 90_000),
      firstArrival: BootTime(nanoseconds: 0), arrival: BootTime(nanoseconds: 0), flags: key ? [.key, .clean] : .clean, payload: payload)
  }

  private func encode(_ units: [AccessUnit], _ packetisation: RTPPacketisation) -> ByteBuffer {
    var bytes = ByteBuffer()
    for unit in units { packetisation.encode(unit, into: &bytes) }
    return bytes
  }

  private func headers(_ framed: ByteBuffer) -> [(channel: UInt8, header: RTPHeader)] {
    framed.withUnsafeReadableBytes { bytes in
      RTPFrameWalk(bytes).compactMap { frame in RTPHeader(frame.packet).map { (frame.channel, $0) } }
    }
  }

  @Test("each track goes on its canonical channel, under its canonical payload type")
  func channels() {
    let packetisation = RTPPacketisation(description([Packets.track, audio]))
    let found = headers(encode([unit(0, Packets.other, time: 0), unit(1, [1, 2, 3], time: 0), unit(2, [1], time: 0)], packetisation))
    #expect(found.map(\.channel) == [0, 2])
    #expect(found.map(\.header.payloadType) == [96, 97])
  }

  @Test("new parameters of the same tracks go on with sequence and source, and key units carry them")
  func update() throws {
    let packetisation = RTPPacketisation(description([Packets.track, audio]))
    let before = try #require(headers(encode([unit(0, Packets.other, time: 0)], packetisation)).last?.header)
    var changed = Packets.track
    let sps = Packets.sps.dropLast() + [0x25]
    changed.parameters = .h264(sps: [Array(sps)], pps: [Packets.pps])
    changed.generation = 1
    var header = ByteBuffer()
    packetisation.update(description([changed, audio]), into: &header)
    #expect(header.readableBytes == 0, "RTP tells parameters in band")
    let bytes = encode([unit(0, Packets.key, time: 3600, key: true)], packetisation)
    let after = headers(bytes).map(\.header)
    #expect(after.first?.ssrc == before.ssrc && after.first?.sequenceNumber == before.sequenceNumber &+ 1)
    #expect(bytes.readableBytesView.contains(sps), "the new parameter set")
  }

  @Test("other tracks begin anew", arguments: [1, 2])
  func otherTracks(count: Int) throws {
    let packetisation = RTPPacketisation(description([Packets.track]))
    let before = try #require(headers(encode([unit(0, Packets.other, time: 0)], packetisation)).last?.header)
    var sound = audio
    sound.index = 0
    var header = ByteBuffer()
    packetisation.update(description(count == 1 ? [sound] : [Packets.track, audio]), into: &header)
    let after = try #require(headers(encode([unit(0, Packets.other, time: 3600)], packetisation)).last?.header)
    #expect(after.ssrc != before.ssrc)
  }
}

extension Collection where Element: Equatable {
  /// Whether another collection lies inside this one.
  func contains<Other: Collection>(_ other: Other) -> Bool where Other.Element == Element {
    indices.contains { self[$0...].starts(with: other) }
  }
}
