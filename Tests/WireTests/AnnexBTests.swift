import FirstFrameTesting
import Foundation
import Model
import NIOCore
import Testing
import Wire

@Suite("A byte stream of NAL units becomes access units")
struct AnnexBTests {
  /// A clip as an encoder writes it: parameter sets before each key picture, start codes of four bytes before a unit's first NAL unit and of three
  /// before the others (x264's way), and the encoder's own zeros behind some.
  static func stream(_ clip: MediaClip, trailingZeros: Int = 0) -> [UInt8] {
    clip.units.flatMap { unit in
      clip.sent(unit).enumerated().flatMap { index, nal in
        (index == 0 ? [0, 0, 0, 1] : [0, 0, 1]) + nal + [UInt8](repeating: 0, count: trailingZeros)
      }
    }
  }

  static func reader(_ codec: Codec) -> AnnexBUnitReader {
    AnnexBUnitReader(
      track: Track(index: 3, codec: codec, clockRate: 90_000), id: AccessUnitID(origin: MediaClip.origin, epoch: 5, number: 1))
  }

  private func split(_ bytes: [UInt8], step: Int, maximumLength: Int = 1 << 20) -> [AnnexBNALUnit] {
    var splitter = AnnexBSplitter(maximumLength: maximumLength)
    var found: [AnnexBNALUnit] = []
    for start in stride(from: 0, to: bytes.count, by: step) {
      splitter.append(ByteBuffer(bytes: bytes[start..<min(bytes.count, start + step)]))
      while let nal = splitter.next() { found.append(nal) }
    }
    if let last = splitter.finish() { found.append(last) }
    #expect(splitter.position == bytes.count)
    return found
  }

  // MARK: The splitter

  @Test("pieces of any length give the NAL units of the whole", arguments: ["h264/plain", "h265/bframes"])
  func pieces(_ name: String) throws {
    let clip = try MediaClip(name)
    let bytes = Array(AnnexBTests.stream(clip, trailingZeros: 2).prefix(4_000))
    let whole = split(bytes, step: bytes.count)
    #expect(whole.count > 10)
    for nal in whole { #expect(Array(bytes[nal.offset..<nal.offset + nal.bytes.readableBytes]) == Array(buffer: nal.bytes)) }
    for step in 1...64 { #expect(split(bytes, step: step) == whole, "\(step)") }
  }

  @Test("start codes of three and four bytes, zeros behind a NAL unit, bytes before the first, and nothing between two")
  func startCodes() {
    let bytes: [UInt8] = [7, 7, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x68, 0, 0, 0, 0, 1, 0, 0, 1, 0x65, 0, 0, 3, 1, 0, 0, 2, 9, 0, 0]
    for step in 1...bytes.count {
      let found = split(bytes, step: step)
      #expect(found.map { Array(buffer: $0.bytes) } == [[0x67, 1], [0x68], [0x65, 0, 0, 3, 1, 0, 0, 2, 9]], "\(step)")
      #expect(found.map(\.offset) == [5, 11, 20] && found.allSatisfy { !$0.isAfterGap }, "\(step)")
    }
    #expect(split([], step: 1).isEmpty && split([0, 0, 1], step: 1).isEmpty && split([0, 0, 1, 0, 0], step: 2).isEmpty)
    #expect(split([1, 2, 3, 4], step: 1).isEmpty)
  }

  @Test("a NAL unit longer than the limit is left out, the next one says so, and memory stays bounded", arguments: [1, 7, 1_000])
  func bounded(_ step: Int) {
    let long = [UInt8](repeating: 0x41, count: 5_000)
    let bytes = [0, 0, 1, 0x65, 1] + [0, 0, 1] + long + [0, 0, 1, 0x41, 2, 0, 0, 1, 0x41, 3]
    let found = split(bytes, step: step, maximumLength: 100)
    #expect(found.map { Array(buffer: $0.bytes) } == [[0x65, 1], [0x41, 2], [0x41, 3]])
    #expect(found.map(\.isAfterGap) == [false, true, false])
    var splitter = AnnexBSplitter(maximumLength: 100)
    splitter.append(ByteBuffer(bytes: [0, 0, 1]))
    for _ in 0..<1_000 {
      splitter.append(ByteBuffer(bytes: long))
      #expect(splitter.next() == nil)
      #expect(splitter.position - splitter.openOffset <= 103)
    }
  }

  @Test("a NAL unit of exactly the limit is given out")
  func atLimit() {
    let nal = [UInt8](repeating: 0x41, count: 100)
    for step in [1, 50, 200] {
      #expect(split([0, 0, 1] + nal + [0, 0, 0, 1, 0x65], step: step, maximumLength: 100).map(\.bytes.readableBytes) == [100, 1])
      #expect(split([0, 0, 1] + nal + [0x41, 0, 0, 1, 0x65], step: step, maximumLength: 100).map(\.bytes.readableBytes) == [1])
    }
  }

  // MARK: Units

  @Test(
    "x264's and x265's pictures come out as they went in: bytes, keys, parameters, all clean",
    arguments: ["h264/plain", "h264/bframes", "h264/interlaced", "h264/intra422", "h265/plain", "h265/bframes", "h265/main10"],
    [1_000_000, 777, 3])
  func clips(_ name: String, _ step: Int) throws {
    let clip = try MediaClip(name)
    let bytes = AnnexBTests.stream(clip)
    var reader = AnnexBTests.reader(clip.codec)
    var units: [AccessUnit] = []
    for start in stride(from: 0, to: bytes.count, by: step) {
      let piece = ByteBuffer(bytes: bytes[start..<min(bytes.count, start + step)])
      reader.read(piece, presentation: nil, arrival: BootTime(nanoseconds: Int64(start)), into: &units)
    }
    // The last NAL unit's end, and so the last border, is not known yet.
    #expect(units.count == clip.frames.count - (clip.sent(clip.units[clip.units.count - 1]).count == 1 ? 2 : 1))
    reader.endPicture(into: &units)
    try #require(units.count == clip.frames.count)
    for (unit, frame) in zip(units, clip.units) {
      #expect(unit.nals == clip.sent(frame))
      #expect(unit.isKey == frame.isKey && unit.flags.contains(.clean) && !unit.flags.contains(.damaged))
      #expect(unit.track == 3 && unit.generation == 1)
      #expect(unit.firstArrival <= unit.arrival)
    }
    #expect(units.map(\.id.number) == Array(1...UInt64(units.count)))
    #expect(reader.track.parameters == clip.parameters && reader.track.width == clip.track.width)
    // The bytes came at their offsets: a unit arrived with the pieces that hold its first and last byte.
    let starts = units.map(\.firstArrival.nanoseconds)
    #expect(zip(starts, starts.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(units.last.map { $0.arrival.nanoseconds + Int64(step) >= bytes.count } == true)
  }

  @Test("pictures have the times of the piece in which they begin; others come one frame later")
  func times() throws {
    let clip = try MediaClip("h264/bframes")
    var reader = AnnexBTests.reader(.h264)
    var units: [AccessUnit] = []
    for (index, frame) in clip.units.enumerated() where index < 6 {
      let bytes: [UInt8] = clip.sent(frame).flatMap { [0, 0, 0, 1] + $0 }
      // Every other picture without times, and each cut in two, so that a piece begins inside a picture.
      let presentation = index % 2 == 0 ? 90_000 + frame.pts.value : nil
      let arrival = BootTime(nanoseconds: Int64(index) * 40_000_000)
      let half = bytes.count / 2
      reader.read(
        ByteBuffer(bytes: bytes[..<half]), presentation: presentation, decode: presentation.map { $0 - 7_200 }, arrival: arrival, into: &units)
      reader.read(ByteBuffer(bytes: bytes[half...]), presentation: nil, arrival: arrival + Nanoseconds(1_000_000), into: &units)
    }
    reader.endPicture(into: &units)
    try #require(units.count == 6)
    for (index, unit) in units.enumerated() {
      let before = clip.units[index - index % 2].pts.value + 90_000
      // 30 000 / 1001 frames a second, as the SPS says.
      #expect(unit.pts.value == before + (index % 2 == 0 ? 0 : 3_003), "\(index)")
      #expect(unit.dts.map { unit.pts.value - $0.value } == 7_200)
      #expect(unit.firstArrival.nanoseconds == Int64(index) * 40_000_000)
      #expect(unit.arrival.nanoseconds == Int64(index) * 40_000_000 + 1_000_000)
    }
  }

  @Test("a container that knows where a picture ends gets it at once")
  func endOfPicture() throws {
    let clip = try MediaClip("h265/plain")
    var reader = AnnexBTests.reader(.h265)
    var units: [AccessUnit] = []
    for (index, frame) in clip.units.enumerated() {
      let bytes: [UInt8] = clip.sent(frame).flatMap { [0, 0, 1] + $0 }
      reader.read(ByteBuffer(bytes: bytes), presentation: frame.pts.value, arrival: BootTime(nanoseconds: Int64(index)), into: &units)
      reader.endPicture(into: &units)
      #expect(units.count == index + 1)
      #expect(units.last?.pts == frame.pts && units.last?.arrival.nanoseconds == Int64(index))
    }
    #expect(units.allSatisfy { $0.flags.contains(.clean) })
    reader.endPicture(into: &units)
    #expect(units.count == clip.frames.count)
  }

  @Test("a piece that is lost damages its picture, and nothing is clean until the next key picture")
  func loss() throws {
    let clip = try MediaClip("h264/plain")
    let frames = clip.units
    let nextKey = try #require(frames.indices.first { $0 > 3 && frames[$0].isKey })
    var reader = AnnexBTests.reader(.h264)
    var units: [AccessUnit] = []
    for (index, frame) in frames.enumerated() {
      let bytes: [UInt8] = clip.sent(frame).flatMap { [0, 0, 1] + $0 }
      let kept = index == 3 ? Array(bytes.prefix(bytes.count / 2)) : bytes
      reader.read(ByteBuffer(bytes: kept), presentation: frame.pts.value, arrival: BootTime(nanoseconds: 0), into: &units)
      if index == 3 { reader.markLoss(into: &units) }
    }
    reader.endPicture(into: &units)
    try #require(units.count == frames.count)
    #expect(units.indices.filter { units[$0].flags.contains(.damaged) } == [3])
    #expect(units.indices.filter { !units[$0].flags.contains(.clean) } == Array(3..<nextKey))
  }

  @Test("joined in the middle of a picture, the first unit is damaged and the first key picture is clean")
  func joined() throws {
    let clip = try MediaClip("h264/bframes")
    let bytes = AnnexBTests.stream(clip)
    var reader = AnnexBTests.reader(.h264)
    var units: [AccessUnit] = []
    reader.read(ByteBuffer(bytes: bytes[2_000...]), presentation: nil, arrival: BootTime(nanoseconds: 0), into: &units)
    reader.endPicture(into: &units)
    let firstKey = try #require(units.firstIndex { $0.isKey })
    #expect(firstKey > 0 && units[..<firstKey].allSatisfy { !$0.flags.contains(.clean) })
    #expect(units[firstKey...].allSatisfy { $0.flags.contains(.clean) })
  }

  @Test(
    "what ffmpeg's encoders write is cut into as many pictures as ffprobe counts",
    arguments: [
      ("libx264", ["-x264-params", "slices=4:aud=1:keyint=10"]), ("libx264", ["-x264-params", "tff=1:bframes=3:keyint=12"]),
      ("libx264", ["-x264-params", "sliced-threads=1:intra-refresh=1:keyint=10"]),
      ("libx265", ["-x265-params", "slices=3:aud=1:keyint=8:log-level=none"]),
      ("libx265", ["-x265-params", "repeat-headers=1:bframes=4:keyint=10:hrd=1:vbv-maxrate=500:vbv-bufsize=500:log-level=none"]),
      ("mpeg2video", []),
    ] as [(String, [String])])
  func encoders(_ encoder: String, _ options: [String]) throws {
    guard let tool = Tool.ffmpeg else { return }
    guard encoder != "mpeg2video" else { return try notVideo(tool) }
    let format = encoder == "libx264" ? "h264" : "hevc"
    let bytes = try tool.run(
      ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=192x112:rate=25", "-frames:v", "31", "-c:v", encoder] + options + ["-f", format, "-"])
    try #require(bytes.count > 1_000)
    let probed = try Tool.probe(bytes, format: format)
    var reader = AnnexBTests.reader(encoder == "libx264" ? .h264 : .h265)
    var units: [AccessUnit] = []
    for start in stride(from: 0, to: bytes.count, by: 1_316) {
      reader.read(
        ByteBuffer(bytes: bytes[start..<min(bytes.count, start + 1_316)]), presentation: nil, arrival: BootTime(nanoseconds: 0), into: &units)
    }
    reader.endPicture(into: &units)
    #expect(units.count == probed.count)
    #expect(zip(units, probed).allSatisfy { $0.isKey == $1 } || options.description.contains("intra-refresh"))
    #expect(units.allSatisfy { !$0.flags.contains(.damaged) })
    #expect(reader.track.width == 192 && reader.track.height == 112)
  }

  /// Start codes of another codec are no pictures.
  private func notVideo(_ tool: Tool) throws {
    let bytes = try tool.run(["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=192x112:rate=25", "-frames:v", "5", "-f", "mpeg2video", "-"])
    var reader = AnnexBTests.reader(.h265)
    var units: [AccessUnit] = []
    reader.read(ByteBuffer(bytes: bytes), presentation: nil, arrival: BootTime(nanoseconds: 0), into: &units)
    reader.endPicture(into: &units)
    #expect(units.allSatisfy { !$0.flags.contains(.clean) })
  }

  @Test(
    "2000 mutants of real streams in random pieces: no trap, and every unit's payload can be walked", arguments: ["h264/bframes", "h265/bframes"])
  func mutants(_ name: String) throws {
    let clip = try MediaClip(name)
    let sample = Array(AnnexBTests.stream(clip).prefix(6_000))
    var mutator = Mutator(seed: 77)
    var made = 0
    for round in 0..<2_000 {
      let bytes = mutator.mutate(sample, with: sample)
      var reader = AnnexBTests.reader(round % 7 == 0 ? .h264 : clip.codec)
      var units: [AccessUnit] = []
      var at = 0
      while at < bytes.count {
        let step = Int.random(in: 1...2_000, using: &mutator)
        let piece = ByteBuffer(bytes: bytes[at..<min(bytes.count, at + step)])
        reader.read(piece, presentation: round % 3 == 0 ? Int64.max - Int64(at) : nil, arrival: BootTime(nanoseconds: 0), into: &units)
        if step % 97 == 0 { reader.markLoss(into: &units) }
        at += step
      }
      reader.endPicture(into: &units)
      made += units.count
      for unit in units { #expect(unit.nals.reduce(0) { $0 + 4 + $1.count } == unit.payload.readableBytes) }
    }
    #expect(made > 4_000)
  }
}
