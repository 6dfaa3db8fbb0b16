import Model
import NIOCore
import Testing
import Wire

@Suite("FLV units")
struct FLVUnitTests {
  static let sps: [UInt8] = [
    0x67, 0x42, 0xC0, 0x1F, 0xD9, 0x00, 0x50, 0x05, 0xBB, 0x01, 0x6A, 0x02, 0x02, 0x02, 0x80, 0x00, 0x00, 0x03, 0x00, 0x80, 0x00, 0x00,
    0x19, 0x07, 0x8C, 0x19, 0x24,
  ]
  static let pps: [UInt8] = [0x68, 0xCB, 0x83, 0xCB, 0x20]

  static func record(lengthSize: UInt8) -> [UInt8] {
    [1, sps[1], sps[2], sps[3], 0xFC | (lengthSize - 1), 0xE1, 0, UInt8(sps.count)] + sps + [1, 0, UInt8(pps.count)] + pps
  }

  static func video(_ bytes: [UInt8], time: UInt32 = 0) -> RTMPMessage {
    RTMPMessage(kind: .video, chunkStream: 6, stream: 1, timestamp: time, payload: ByteBuffer(bytes: bytes))
  }

  static func reader(lengthSize: UInt8 = 4) throws -> FLVUnitReader {
    var reader = FLVUnitReader(id: RTMPHarness.id)
    var units: [AccessUnit] = []
    let changed = try reader.read(video([0x17, 0, 0, 0, 0] + record(lengthSize: lengthSize)), arrival: at(0), into: &units)
    #expect(changed && units.isEmpty)
    return reader
  }

  static func at(_ milliseconds: Int64) -> BootTime { BootTime(nanoseconds: milliseconds * 1_000_000) }

  @Test("ffmpeg's B-frames, four slices and AAC arrive with their times, keys and parameters")
  func realAVC() throws {
    var server = RTMPHarness()
    try server.feed(try RTMPHarness.corpus("ffmpeg51-avc.client"))
    let tracks = server.reader.tracks
    #expect(tracks.map(\.codec) == [.h264, .aac])
    #expect(tracks.first?.width == 128 && tracks.first?.height == 96)
    #expect(tracks.first?.parameters?.isComplete == true)
    let pictures = server.units.filter { $0.track == 0 }
    #expect(pictures.count == 25)
    #expect(pictures.indices.filter { pictures[$0].isKey } == [0, 12, 24])
    #expect(pictures.allSatisfy { $0.flags.contains(.clean) && !$0.flags.contains(.damaged) })
    // Presentation order is 25 distinct times 40 ms apart although decode order is another.
    let shown = pictures.map(\.pts.value).sorted()
    #expect(zip(shown, shown.dropFirst()).allSatisfy { $1 - $0 == 40 })
    #expect(pictures.map(\.pts.value) != shown)
    #expect(pictures.allSatisfy { ($0.dts?.value ?? .max) <= $0.pts.value })
    let slices = pictures.map { RTMPHarness.types($0, .h264).filter { $0 == 1 || $0 == 5 }.count }
    #expect(slices == [Int](repeating: 4, count: 25))
    #expect(server.units.filter { $0.track == 1 }.count >= 43)
  }

  @Test("ffmpeg's enhanced RTMP H.265 arrives")
  func realHEVC() throws {
    var server = RTMPHarness()
    try server.feed(try RTMPHarness.corpus("ffmpeg9-hevc.client"))
    #expect(server.reader.tracks.map(\.codec) == [.h265])
    #expect(server.reader.tracks.first?.width == 128)
    #expect(server.units.count == 25)
    #expect(server.units.first?.isKey == true)
    #expect(server.units.filter(\.isKey).allSatisfy { RTMPHarness.types($0, .h265).contains { (16...21).contains($0) } })
  }

  @Test("H.265 under the old codec id 12 gives the same units as enhanced RTMP")
  func codecTwelve() throws {
    var server = RTMPHarness()
    try server.feed(try RTMPHarness.corpus("ffmpeg9-hevc.client"))
    var reader = FLVUnitReader(id: RTMPHarness.id)
    var units: [AccessUnit] = []
    for var message in server.messages where message.kind == .video {
      guard let tag = try FLVVideoTag(message.payload), tag.packet != .other else { continue }
      let kind: UInt8 = tag.packet == .sequenceHeader ? 0 : tag.packet == .frames ? 1 : 2
      message.payload = ByteBuffer(bytes: [tag.claimsKey ? 0x1C : 0x2C])
      message.payload.writeInteger(UInt32(kind) << 24 | UInt32(bitPattern: tag.compositionTime) & 0xFF_FFFF)
      message.payload.writeImmutableBuffer(tag.body)
      _ = try reader.read(message, arrival: FLVUnitTests.at(0), into: &units)
    }
    #expect(reader.tracks.first?.parameters == server.reader.tracks.first?.parameters)
    #expect(units.map(\.payload) == server.units.map(\.payload))
    #expect(units.map(\.pts) == server.units.map(\.pts))
    #expect(units.count == 25)
  }

  @Test("GStreamer's A-law and librtmp's H.264 arrive")
  func realOthers() throws {
    var alaw = RTMPHarness()
    try alaw.feed(try RTMPHarness.corpus("gst-alaw.client"))
    #expect(Set(alaw.reader.tracks.map(\.codec)) == [.h264, .pcma])
    var librtmp = RTMPHarness()
    try librtmp.feed(try RTMPHarness.corpus("librtmp.client"))
    #expect(librtmp.units.count == 20)
  }

  @Test("a picture is a key by its NAL units whatever its head claims")
  func keyByContent() throws {
    var reader = try FLVUnitTests.reader()
    var units: [AccessUnit] = []
    _ = try reader.read(FLVUnitTests.video([0x17, 1, 0, 0, 0, 0, 0, 0, 2, 0x41, 9]), arrival: FLVUnitTests.at(0), into: &units)
    _ = try reader.read(FLVUnitTests.video([0x27, 1, 0, 0, 0, 0, 0, 0, 2, 0x65, 9]), arrival: FLVUnitTests.at(0), into: &units)
    #expect(units.map(\.isKey) == [false, true])
    #expect(units.map { $0.flags.contains(.clean) } == [false, true])
  }

  @Test("NAL lengths of one and two bytes become four", arguments: [1, 2])
  func lengthSizes(size: UInt8) throws {
    var reader = try FLVUnitTests.reader(lengthSize: size)
    var units: [AccessUnit] = []
    let prefix: [UInt8] = size == 1 ? [3] : [0, 3]
    _ = try reader.read(
      FLVUnitTests.video([0x17, 1, 0, 0, 0] + prefix + [6, 1, 2] + prefix + [0x65, 7, 8]), arrival: FLVUnitTests.at(0), into: &units)
    #expect(units.first.map { Array($0.payload.readableBytesView) } == [0, 0, 0, 3, 6, 1, 2, 0, 0, 0, 3, 0x65, 7, 8])
    #expect(units.first?.flags.contains(.damaged) == false)
  }

  @Test("a NAL length beyond the message marks the unit, keeps what is whole, and spoils the chain until the next key")
  func damage() throws {
    var reader = try FLVUnitTests.reader()
    var units: [AccessUnit] = []
    let messages: [[UInt8]] = [
      [0, 0, 0, 2, 0x65, 1], [0, 0, 0, 2, 0x41, 1, 0, 0, 9, 9, 0x41], [0, 0, 0, 2, 0x41, 2], [0, 0, 0, 2, 0x65, 2],
    ]
    for nal in messages { _ = try reader.read(FLVUnitTests.video([0x27, 1, 0, 0, 0] + nal), arrival: FLVUnitTests.at(0), into: &units) }
    #expect(units.map { $0.flags.contains(.damaged) } == [false, true, false, false])
    #expect(units.map { $0.flags.contains(.clean) } == [true, false, false, true])
    #expect(Array(units[1].payload.readableBytesView) == [0, 0, 0, 2, 0x41, 1])
  }

  @Test("damage to a picture that nothing refers to spoils no other; of one that is cut before its header the worst is assumed")
  func damageToNonReference() throws {
    for (cut, spoils) in [([0, 0, 9, 9, 0x01], false), ([0, 0, 9, 9], true), ([0, 0, 9, 9, 0x41], true)] as [([UInt8], Bool)] {
      var reader = try FLVUnitTests.reader()
      var units: [AccessUnit] = []
      for nal in [[0, 0, 0, 2, 0x65, 1], [0, 0, 0, 2, 0x01, 1] + cut, [0, 0, 0, 2, 0x41, 2]] {
        _ = try reader.read(FLVUnitTests.video([0x27, 1, 0, 0, 0] + nal), arrival: FLVUnitTests.at(0), into: &units)
      }
      #expect(units.map { $0.flags.contains(.damaged) } == [false, true, false])
      #expect(units.map { $0.flags.contains(.clean) } == [true, false, !spoils])
    }
  }

  @Test("RASL pictures behind the CRA picture that a stream begins with are not clean, as by RTP")
  func skippedLeading() throws {
    var server = RTMPHarness()
    try server.feed(try RTMPHarness.corpus("ffmpeg9-hevc.client"))
    let header = try #require(server.messages.first { ($0.payload.getInteger(at: 0, as: UInt8.self) ?? 0) & 0x8F == 0x80 })
    var reader = FLVUnitReader(id: RTMPHarness.id)
    var units: [AccessUnit] = []
    _ = try reader.read(header, arrival: FLVUnitTests.at(0), into: &units)
    for type in [21, 9, 8, 1, 21, 9, 1] as [UInt8] {
      let bytes = [0xA3] + Array("hvc1".utf8) + [0, 0, 0, 4, type << 1, 1, 0xAF, 1]
      _ = try reader.read(FLVUnitTests.video(bytes), arrival: FLVUnitTests.at(0), into: &units)
    }
    #expect(units.map { $0.flags.contains(.clean) } == [true, false, false, true, true, true, true])
  }

  @Test("a message that holds no slice waits for the picture it belongs to")
  func withoutSlice() throws {
    var reader = try FLVUnitTests.reader()
    var units: [AccessUnit] = []
    _ = try reader.read(FLVUnitTests.video([0x17, 1, 0, 0, 0, 0, 0, 0, 2, 6, 5], time: 40), arrival: FLVUnitTests.at(1), into: &units)
    #expect(units.isEmpty)
    _ = try reader.read(FLVUnitTests.video([0x17, 1, 0, 0, 0, 0, 0, 0, 2, 0x65, 5], time: 80), arrival: FLVUnitTests.at(2), into: &units)
    _ = try reader.read(FLVUnitTests.video([0x27, 1, 0, 0, 0, 0, 0, 0, 2, 0x41, 5], time: 120), arrival: FLVUnitTests.at(3), into: &units)
    #expect(units.map(\.nals) == [[[6, 5], [0x65, 5]], [[0x41, 5]]])
    #expect(units.map(\.pts.value) == [80, 120] && units.map(\.firstArrival) == [FLVUnitTests.at(1), FLVUnitTests.at(3)])
    #expect(units.allSatisfy { $0.flags.contains(.clean) })
  }

  @Test("a picture's payload is the message's own bytes where they can stand, and a copy without empty or broken NAL units where not")
  func payloads() throws {
    for (nals, wanted) in [
      ([0, 0, 0, 2, 0x65, 1], nil), ([0, 0, 0, 0, 0, 0, 0, 2, 0x65, 1], [0, 0, 0, 2, 0x65, 1]),
      ([0, 0, 0, 2, 0x65, 1, 0, 0, 0, 2, 0xE5, 1], [0, 0, 0, 2, 0x65, 1]),
    ] as [([UInt8], [UInt8]?)] {
      var reader = try FLVUnitTests.reader()
      var units: [AccessUnit] = []
      let message = FLVUnitTests.video([0x17, 1, 0, 0, 0] + nals)
      _ = try reader.read(message, arrival: FLVUnitTests.at(0), into: &units)
      let unit = try #require(units.first)
      #expect(unit.bytes == wanted ?? nals)
      message.payload.withVeryUnsafeBytes { whole in
        unit.payload.withVeryUnsafeBytes { part in #expect((part.baseAddress == whole.baseAddress) == (wanted == nil)) }
      }
    }
  }

  @Test("a publisher that turns to another codec goes on with the same track's next generation once its parameters came")
  func codecChange() throws {
    var server = RTMPHarness()
    try server.feed(try RTMPHarness.corpus("ffmpeg9-hevc.client"))
    var reader = try FLVUnitTests.reader()
    var units: [AccessUnit] = []
    _ = try reader.read(FLVUnitTests.video([0x17, 1, 0, 0, 0, 0, 0, 0, 1, 0x65]), arrival: FLVUnitTests.at(0), into: &units)
    let before = reader.tracks
    let early = FLVUnitTests.video([0xA3] + Array("hvc1".utf8) + [0, 0, 0, 3, 2, 1, 0xAF])
    #expect(try !reader.read(early, arrival: FLVUnitTests.at(0), into: &units))
    #expect(units.count == 1 && reader.skipped == 1 && reader.tracks == before)
    for message in server.messages where message.kind == .video { _ = try reader.read(message, arrival: FLVUnitTests.at(0), into: &units) }
    #expect(reader.tracks.count == 1 && reader.tracks[0].codec == .h265 && reader.tracks[0].generation > before[0].generation)
    #expect(units.count == 26 && units[1...].allSatisfy { $0.flags.contains(.clean) && $0.generation == reader.tracks[0].generation })
  }

  @Test("a stray tag of another codec costs itself and nothing else")
  func strayCodec() throws {
    var reader = try FLVUnitTests.reader()
    var units: [AccessUnit] = []
    for nal: UInt8 in [0x65, 0x41] {
      _ = try reader.read(FLVUnitTests.video([0x17, 1, 0, 0, 0, 0, 0, 0, 1, nal]), arrival: FLVUnitTests.at(0), into: &units)
      let stray = FLVUnitTests.video([0xA3] + Array("hvc1".utf8) + [0, 0, 0, 3, 2, 1, 0xAF])
      #expect(try !reader.read(stray, arrival: FLVUnitTests.at(0), into: &units))
    }
    #expect(units.map { $0.flags.contains(.clean) } == [true, true] && reader.skipped == 2)
    #expect(reader.tracks.map(\.codec) == [.h264])
  }

  @Test("a new sequence header raises the generation once, the same one not at all")
  func generations() throws {
    var reader = try FLVUnitTests.reader()
    var units: [AccessUnit] = []
    let before = reader.tracks[0].generation
    var record = FLVUnitTests.record(lengthSize: 4)
    #expect(try reader.read(FLVUnitTests.video([0x17, 0, 0, 0, 0] + record), arrival: FLVUnitTests.at(0), into: &units) == false)
    record[record.count - 1] ^= 0x10
    #expect(try reader.read(FLVUnitTests.video([0x17, 0, 0, 0, 0] + record), arrival: FLVUnitTests.at(0), into: &units))
    _ = try reader.read(FLVUnitTests.video([0x17, 1, 0, 0, 0, 0, 0, 0, 1, 0x65]), arrival: FLVUnitTests.at(0), into: &units)
    #expect(reader.tracks[0].generation == before + 1)
    #expect(units.first?.generation == before + 1)
  }

  @Test("parameter sets that come only inside the pictures make the track")
  func inBand() throws {
    var reader = FLVUnitReader(id: RTMPHarness.id)
    var units: [AccessUnit] = []
    let early = FLVUnitTests.video([0x27, 1, 0, 0, 0, 0, 0, 0, 1, 0x41])
    #expect(try reader.read(early, arrival: FLVUnitTests.at(0), into: &units) == false)
    #expect(reader.skipped == 1 && units.isEmpty)
    let nals = [FLVUnitTests.sps, FLVUnitTests.pps, [0x65, 1]].flatMap { [0, 0, 0, UInt8($0.count)] + $0 }
    #expect(try reader.read(FLVUnitTests.video([0x17, 1, 0, 0, 0] + nals), arrival: FLVUnitTests.at(0), into: &units))
    #expect(reader.tracks.first?.parameters == .h264(sps: [FLVUnitTests.sps], pps: [FLVUnitTests.pps]))
    #expect(units.count == 1 && units[0].isKey)
  }

  @Test("timestamps run on past 2^32 and a jump without an arrival to explain it is bridged and marked")
  func time() throws {
    var reader = try FLVUnitTests.reader()
    var units: [AccessUnit] = []
    let nal: [UInt8] = [0x17, 1, 0, 0, 40, 0, 0, 0, 1, 0x65]
    for (time, arrival) in [(0xFFFF_FFF0 as UInt32, 0 as Int64), (0x18, 40), (900_000, 80), (900_040, 120)] {
      _ = try reader.read(FLVUnitTests.video(nal, time: time), arrival: FLVUnitTests.at(arrival), into: &units)
    }
    #expect(units.map { $0.dts?.value } == [4_294_967_280, 4_294_967_320, 4_294_967_360, 4_294_967_400])
    #expect(units.map { $0.flags.contains(.discontinuity) } == [false, false, true, false])
    #expect(units.allSatisfy { $0.pts.value - ($0.dts?.value ?? 0) == 40 })
  }

  @Test("a stream is complete when what its metadata announces is there")
  func completeness() throws {
    var reader = FLVUnitReader(id: RTMPHarness.id)
    var units: [AccessUnit] = []
    var payload = ByteBuffer()
    payload.writeAMF0(["@setDataFrame", "onMetaData", .ecmaArray(["videocodecid": 7, "audiocodecid": 10, "framerate": 25])])
    let metadata = RTMPMessage(kind: .data, chunkStream: 5, stream: 1, timestamp: 0, payload: payload)
    _ = try reader.read(metadata, arrival: FLVUnitTests.at(0), into: &units)
    let header = FLVUnitTests.video([0x17, 0, 0, 0, 0] + FLVUnitTests.record(lengthSize: 4))
    _ = try reader.read(header, arrival: FLVUnitTests.at(0), into: &units)
    #expect(!reader.isComplete)
    let config = RTMPMessage(kind: .audio, chunkStream: 4, stream: 1, timestamp: 0, payload: ByteBuffer(bytes: [0xAF, 0, 0x12, 0x10]))
    _ = try reader.read(config, arrival: FLVUnitTests.at(0), into: &units)
    #expect(reader.isComplete)
    #expect(reader.tracks.last?.channels == 2)
    #expect(reader.tracks.first?.nominalFrameRateMilli == 25_000)
  }

  @Test("an aggregate message is the tags inside it at their own times")
  func aggregate() throws {
    var reader = try FLVUnitTests.reader()
    var units: [AccessUnit] = []
    var body = ByteBuffer()
    for (time, byte) in [(1000, 0x65), (1040, 0x41)] as [(UInt32, UInt8)] {
      let tag: [UInt8] = [0x17, 1, 0, 0, 0, 0, 0, 0, 1, byte]
      body.writeBytes([9, 0, 0, UInt8(tag.count), UInt8(time >> 16), UInt8(time >> 8 & 255), UInt8(time & 255), 0, 0, 0, 0])
      body.writeBytes(tag)
      body.writeInteger(UInt32(tag.count + 11))
    }
    let message = RTMPMessage(kind: .aggregate, chunkStream: 6, stream: 1, timestamp: 5000, payload: body)
    _ = try reader.read(message, arrival: FLVUnitTests.at(0), into: &units)
    #expect(units.map { $0.dts?.value } == [5000, 5040])
  }

  @Test(
    "what the reader made the writer writes back: the same times, payloads, parameters",
    arguments: ["ffmpeg51-avc", "ffmpeg9-hevc", "gst-alaw"])
  func throughWriter(name: String) throws {
    var server = RTMPHarness()
    try server.feed(try RTMPHarness.corpus(name + ".client"))
    var writer = FLVUnitWriter(tracks: server.reader.tracks)
    var wire = ByteBuffer()
    writer.writeHeaders(into: &wire)
    for unit in server.units { writer.write(unit, into: &wire) }
    var second = FLVUnitReader(id: RTMPHarness.id)
    var units: [AccessUnit] = []
    for message in try RTMPChunkTests.decode(wire, step: 4096, chunkSize: UInt32(RTMPChunkEncoder.agreedChunkSize)) {
      _ = try second.read(message, arrival: FLVUnitTests.at(0), into: &units)
    }
    #expect(second.tracks.map(\.parameters) == server.reader.tracks.sorted { $0.codec.isVideo && !$1.codec.isVideo }.map(\.parameters))
    let video = server.reader.tracks.first { $0.codec.isVideo }?.index
    let sent = server.units.filter { $0.track == video }
    let got = units.filter { second.tracks[Int($0.track)].codec.isVideo }
    #expect(got.map(\.payload) == sent.map(\.payload))
    #expect(got.map(\.pts.value) == sent.map(\.pts.value))
    #expect(got.map(\.isKey) == sent.map(\.isKey))
    #expect(units.count == server.units.count)
  }

  @Test("units without decode times are given ones, and presentation times stay exact")
  func derivedTimes() throws {
    var server = RTMPHarness()
    try server.feed(try RTMPHarness.corpus("ffmpeg51-avc.client"))
    var track = server.reader.tracks[0]
    track.clockRate = 90_000
    var writer = FLVUnitWriter(tracks: [track])
    var wire = ByteBuffer()
    let base = server.units.filter { $0.track == 0 }.map(\.pts.value).min() ?? 0
    for var unit in server.units where unit.track == 0 {
      unit.pts = MediaTime(value: (unit.pts.value - base) * 90, timescale: 90_000)
      unit.dts = nil
      writer.write(unit, into: &wire)
    }
    var second = try FLVUnitTests.reader()
    var units: [AccessUnit] = []
    for message in try RTMPChunkTests.decode(wire, step: 4096, chunkSize: UInt32(RTMPChunkEncoder.agreedChunkSize)) {
      _ = try second.read(message, arrival: FLVUnitTests.at(0), into: &units)
    }
    #expect(units.count == 25)
    #expect(units.map(\.pts.value).sorted() == (0..<25).map { $0 * 40 })
    let decode = units.compactMap(\.dts?.value)
    #expect(zip(decode, decode.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(units.allSatisfy { ($0.dts?.value ?? .max) <= $0.pts.value })
  }

  @Test("a second publication continues the times that readers have seen")
  func restart() throws {
    var server = RTMPHarness()
    try server.feed(try RTMPHarness.corpus("librtmp.client"))
    var writer = FLVUnitWriter(tracks: server.reader.tracks)
    var wire = ByteBuffer()
    for unit in server.units { writer.write(unit, into: &wire) }
    writer.restart(server.reader.tracks)
    for unit in server.units { writer.write(unit, into: &wire) }
    let times = try RTMPChunkTests.decode(wire, step: 4096, chunkSize: UInt32(RTMPChunkEncoder.agreedChunkSize)).map(\.timestamp)
    #expect(times.count == 40)
    #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
  }
}
