import FirstFrameTesting
import Foundation
import Model
import NIOCore
import Testing

@testable import Pipelines

@Suite("The recorder's tap") struct MatroskaTapTests {
  static func record(_ tracks: [RecorderTrack], _ batches: [[AccessUnit]]) async throws -> [MuxedChunk] {
    let chunks = Box<MuxedChunk>()
    let tap = try await MatroskaTap.start(tracks: tracks, library: PipelineLibrary.locate(), output: chunks.add)
    for batch in batches { tap.push(batch) }
    try await tap.finish(deadline: .seconds(5))
    tap.push(batches.first ?? [])
    return chunks.all
  }

  static func bytes(_ chunks: some Sequence<MuxedChunk>) -> [UInt8] { chunks.flatMap { Array($0.bytes.readableBytesView) } }

  @Test(
    "records what ffmpeg decodes to the very same pictures and sound", .enabled(if: Shell.hasFFmpeg, "ffmpeg is not installed"),
    arguments: Clip.Kind.allCases)
  func identical(kind: Clip.Kind) async throws {
    let folder = try TemporaryFolder()
    let clip = try await Clip.make(kind, seconds: 6, in: folder)
    let chunks = try await Self.record(clip.tracks, clip.batches(seconds: 1))
    #expect(chunks.filter(\.isHeader).count == 1)
    #expect(chunks.first?.isHeader == true)
    #expect(chunks.reduce(0) { $0 + $1.unitCount } == clip.units.count)
    let path = try folder.write(Self.bytes(chunks), to: "recorded.mkv")
    if clip.tracks.contains(where: { $0.track.codec.isVideo }) {
      let source = try await Referee.video(clip.path)
      #expect(source.count == 150)
      #expect(try await Referee.video(path) == source)
    }
    if clip.tracks.contains(where: { !$0.track.codec.isVideo }) {
      let source = try await Referee.audio(clip.path)
      let recorded = try await Referee.audio(path)
      #expect(source.count > 40)
      // ffmpeg trims the end of Opus to the length of its source, which no RTP stream tells.
      #expect(recorded.dropLast() == source.dropLast())
      #expect(recorded.count == source.count)
    }
  }

  @Test(
    "gives segments that decode by themselves, together every frame of the source at its own time",
    .enabled(if: Shell.hasFFmpeg, "ffmpeg is not installed"), arguments: [Clip.Kind.h264AAC, .h265])
  func segments(kind: Clip.Kind) async throws {
    let folder = try TemporaryFolder()
    let clip = try await Clip.make(kind, seconds: 6, in: folder)
    let chunks = try await Self.record(clip.tracks, clip.batches(seconds: 0.5))
    let header = chunks.first?.bytes.readableBytesView.map { $0 } ?? []
    var segments: [[UInt8]] = []
    for chunk in chunks.dropFirst() {
      if chunk.startsKeyCluster || segments.isEmpty { segments.append(header) }
      segments[segments.count - 1] += Array(chunk.bytes.readableBytesView)
    }
    // 6 s with a key frame every 2 s; the sound may begin before the first picture.
    let withVideo = segments.suffix(3)
    #expect((3...4).contains(segments.count))
    var frames: [Referee.Frame] = []
    for (index, segment) in withVideo.enumerated() {
      let decoded = try await Referee.video(try folder.write(segment, to: "segment\(index).mkv"))
      #expect(decoded.count == 50)
      frames += decoded
    }
    #expect(frames == (try await Referee.video(clip.path)))
  }

  @Test(
    "makes a header that differs from matroskamux's own file by nothing but the cut",
    .enabled(if: Shell.hasFFmpeg, "ffmpeg is not installed"))
  func header() async throws {
    let folder = try TemporaryFolder()
    let clip = try await Clip.make(.h264AAC, seconds: 1, in: folder)
    let header = try MatroskaHeaderMaker.make(video: clip.tracks[0].caps, audio: clip.tracks[1].caps, library: .locate())
    #expect(header.entries.map(\.isVideo).sorted { $0 && !$1 } == [true, false])
    let file = try MatroskaFile(header.bytes)
    let source = try MatroskaFile([UInt8](Data(contentsOf: URL(fileURLWithPath: clip.path))))
    for track in source.tracks {
      let ours = try #require(file.tracks.first { $0.codec.hasPrefix(track.codec) })
      #expect(ours.codecPrivate == track.codecPrivate)
      #expect(ours.width == track.width)
    }
  }

  @Test("goes on with the picture when the sound stops or never comes", .enabled(if: Shell.hasFFmpeg, "ffmpeg is not installed"))
  func quietTrack() async throws {
    let folder = try TemporaryFolder()
    let clip = try await Clip.make(.h264AAC, seconds: 6, in: folder)
    let videoIndex = try #require(clip.tracks.first { $0.track.codec.isVideo }?.track.index)
    let quiet = clip.batches(seconds: 1).enumerated().map { second, batch in
      batch.filter { $0.track == videoIndex || second == 1 }
    }
    let chunks = Box<MuxedChunk>()
    let tap = try await MatroskaTap.start(tracks: clip.tracks, library: PipelineLibrary.locate(), output: chunks.add)
    for batch in quiet {
      let before = chunks.all.reduce(0) { $0 + $1.unitCount }
      tap.push(batch)
      #expect(chunks.all.reduce(0) { $0 + $1.unitCount } == before + batch.count, "nothing is held back")
    }
    let path = try folder.write(Self.bytes(chunks.all), to: "quiet.mkv")
    #expect(try await Referee.video(path) == Referee.video(clip.path))
  }

  @Test(
    "keeps absolute times: a stream that began an hour ago is recorded an hour in", .enabled(if: Shell.hasFFmpeg, "ffmpeg is not installed")
  )
  func absoluteTimes() async throws {
    let folder = try TemporaryFolder()
    let clip = try await Clip.make(.h264BFrames, seconds: 2, in: folder)
    let late = clip.units.map { unit in
      var unit = unit
      unit.pts = MediaTime(value: unit.pts.value + 3_600_000_000_000, timescale: unit.pts.timescale)
      return unit
    }
    let path = try folder.write(Self.bytes(try await Self.record(clip.tracks, [late])), to: "late.mkv")
    let source = try await Referee.video(clip.path)
    let frames = try await Referee.video(path)
    #expect(frames.map(\.pts) == source.map { $0.pts + 3_600_000 })
    #expect(frames.map(\.hash) == source.map(\.hash))
  }

  @Test("survives a torn tail: ffmpeg reads all but the last units", .enabled(if: Shell.hasFFmpeg, "ffmpeg is not installed"))
  func torn() async throws {
    let folder = try TemporaryFolder()
    let clip = try await Clip.make(.h264BFrames, seconds: 4, in: folder)
    let whole = Self.bytes(try await Self.record(clip.tracks, clip.batches(seconds: 1)))
    let read = try MatroskaFile(Array(whole.dropLast(100)))
    #expect(read.blocks.count == clip.units.count)  // the last block is cut, the 99 before it are whole
    #expect(read.blocks.dropLast().map(\.frame) == clip.units.dropLast().map { Array($0.payload.readableBytesView) })
  }

  @Test("refuses tracks that Matroska cannot hold, with the device's name on it") func refuses() async throws {
    let library = try PipelineLibrary.locate()
    await #expect(throws: Fault(.codecUnsupported, "no track to record")) {
      _ = try await MatroskaTap.start(tracks: [], library: library) { _ in }
    }
    let odd = RecorderTrack(track: Track(index: 0, codec: .h264, clockRate: 90_000), caps: "video/x-h264,stream-format=avc,alignment=au")
    let fault = await #expect(throws: Fault.self) { _ = try await MatroskaTap.start(tracks: [odd], library: library) { _ in } }
    #expect(fault?.code == .pipelineFailed || fault?.code == .codecUnsupported)
  }
}
