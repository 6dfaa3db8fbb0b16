import Foundation
import Model
import NIOCore
import Testing
import Wire

@Suite("Packetising")
struct PacketizerTests {
  static let clips = ["h264/plain", "h264/bframes", "h264/intra422", "h265/plain", "h265/bframes", "aac/lc", "opus/stereo", "g711/alaw"]

  @Test("Packetised and depacketised again, every unit is the same", arguments: clips, [1400, 200])
  func roundTrip(_ name: String, _ size: Int) throws {
    let clip = try MediaClip(name)
    // Only AAC, H.264 and H.265 can be cut into fragments of a unit; G.711 becomes more units.
    if size == 200, clip.codec == .opus || clip.codec == .pcma { return }
    var packetizer = RTPPacketizer(
      track: clip.track, payloadType: 101, ssrc: 0xABCD, sequenceNumber: 65_530, timestampOffset: 0xFFFF_FF00, maximumPacketLength: size,
      unitIDExtension: 3)
    let packets = RTPBench.packetize(clip.units, &packetizer, channel: 4)
    var bench = RTPBench(clip.track)
    bench.extensionID = 3
    for (unit, source) in zip(packets, clip.units) {
      for (index, packet) in unit.enumerated() {
        #expect(packet.count <= size)
        let header = try #require(packet.withUnsafeBytes { RTPHeader($0) })
        #expect(header.payloadType == 101 && header.ssrc == 0xABCD)
        #expect(header.timestamp == packetizer.timestamp(of: source.pts))
        #expect(header.hasExtension == (index == 0))
        #expect(header.marker == (index == unit.count - 1 && clip.codec != .opus && clip.codec != .pcma))
      }
      bench.receive(unit)
    }
    try #require(bench.units.count == clip.frames.count)
    for (unit, source) in zip(bench.units, clip.units) {
      #expect(unit.id == source.id)
      if clip.codec.isVideo {
        let isSame = unit.nals == clip.sent(source)
        #expect(isSame)
        #expect(unit.flags == source.flags)
      } else {
        let isSame = unit.bytes == source.bytes
        #expect(isSame)
      }
      #expect(unit.pts.value - bench.units[0].pts.value == source.pts.value - clip.frames[0].pts)
    }
    let all = packets.flatMap { $0 }
    let numbers = all.compactMap { $0.withUnsafeBytes { RTPHeader($0)?.sequenceNumber } }
    #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 &+ 1 == $1 } && numbers.first == 65_530)
    #expect(packetizer.packetCount == UInt32(all.count))
    let octets = all.reduce(0) { $0 + ($1.withUnsafeBytes { RTPHeader($0)?.payloadLength } ?? 0) }
    #expect(packetizer.octetCount == UInt32(octets))
    // The parameters were known: nothing changed.
    #expect(bench.assembler.track.generation == 0)
  }

  @Test("G.711 longer than a packet is cut at samples, with times that follow")
  func samples() {
    let track = Track(index: 0, codec: .pcmu, clockRate: 8000, channels: 1)
    var packetizer = RTPPacketizer(track: track, payloadType: 0, ssrc: 1, maximumPacketLength: 172)
    let unit = AccessUnit(
      id: AccessUnitID(origin: MediaClip.origin, epoch: 1, number: 1), track: 0, pts: MediaTime(value: 80, timescale: 8000),
      firstArrival: BootTime(nanoseconds: 0), arrival: BootTime(nanoseconds: 0),
      payload: ByteBuffer(bytes: (0..<400).map { UInt8($0 & 0xFF) }))
    var bench = RTPBench(track)
    bench.receive(RTPBench.packetize([unit], &packetizer)[0])
    #expect(bench.units.map(\.payload.readableBytes) == [160, 160, 80])
    #expect(bench.units.map(\.pts.value) == [80, 240, 400])
  }

  @Test("RTMP's milliseconds become 90 kHz for video, exact sample counts for sound")
  func milliseconds() throws {
    var clip = try MediaClip("aac/lc")
    var track = clip.track
    track.clockRate = 1000
    var packetizer = RTPPacketizer(track: track, payloadType: 97, ssrc: 1)
    #expect(packetizer.clockRate == 44_100)
    var units = clip.units
    for index in units.indices {
      units[index].pts = MediaTime(value: MediaTime(value: Int64(index) * 1024, timescale: 44_100).rescaled(to: 1000), timescale: 1000)
    }
    let times = RTPBench.packetize(units, &packetizer).compactMap { $0[0].withUnsafeBytes { RTPHeader($0)?.timestamp } }
    #expect(times == units.indices.map { UInt32($0 * 1024) })
    clip = try MediaClip("h264/plain")
    track = clip.track
    track.clockRate = 1000
    var video = RTPPacketizer(track: track, payloadType: 96, ssrc: 1)
    var unit = clip.units[0]
    unit.pts = MediaTime(value: 120, timescale: 1000)
    let header = try #require(RTPBench.packetize([unit], &video)[0][0].withUnsafeBytes { RTPHeader($0) })
    #expect(header.timestamp == 10_800)
  }

  @Test("Parameter sets go before a key unit that lacks them, behind its delimiter, and not before one that has them")
  func parameterSets() throws {
    let clip = try MediaClip("h264/plain")
    guard case .h264(let sps, let pps) = clip.parameters else { throw Fault(.mediaMalformed) }
    var unit = clip.units[0]
    func payload(_ nals: [[UInt8]]) -> ByteBuffer {
      var buffer = ByteBuffer()
      for nal in nals {
        buffer.writeInteger(UInt32(nal.count))
        buffer.writeBytes(nal)
      }
      return buffer
    }
    let cases: [([[UInt8]], [UInt8])] = [
      ([[9, 0x10], [0x65, 0x88, 1]], [9, 7, 8, 5]), ([sps[0], pps[0], [0x65, 0x88, 1]], [7, 8, 5]), ([[0x65, 0x88, 1]], [7, 8, 5]),
    ]
    for (nals, types) in cases {
      unit.payload = payload(nals)
      var packetizer = RTPPacketizer(track: clip.track, payloadType: 96, ssrc: 1)
      let packets = RTPBench.packetize([unit], &packetizer)[0]
      #expect(packets.map { $0[12] & 0x1F } == types)
      #expect(packets.map { $0[1] & 0x80 != 0 } == types.map { $0 == 5 })
    }
    unit.flags = .clean
    unit.payload = payload([[0x41, 0x9A, 1]])
    var packetizer = RTPPacketizer(track: clip.track, payloadType: 96, ssrc: 1)
    #expect(RTPBench.packetize([unit], &packetizer)[0].count == 1)
    unit.payload = payload([])
    #expect(RTPBench.packetize([unit], &packetizer)[0].isEmpty)
  }
}
