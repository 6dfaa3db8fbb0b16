import FirstFrameTesting
import Foundation
import Model
import NIOCore
import Testing

@testable import Pipelines

@Suite("A simulated device") struct TestPatternTests {
  struct Shot {
    var tracks: [Track]
    var units: [PatternUnit]
    var seconds: Double
  }

  /// Films until the video has run for `frames` pictures.
  static func film(_ pattern: TestPattern, frames: Int) async throws -> Shot {
    let stream = AsyncStream<PatternUnit>.makeStream()
    let tracks = Box<[Track]>()
    let source = try TestPatternSource(
      pattern, library: PipelineLibrary.locate(), onTracks: tracks.add, onUnit: { stream.continuation.yield($0) },
      onFault: { _ in stream.continuation.finish() })
    let start = ContinuousClock.now
    try source.start()
    var units: [PatternUnit] = []
    for await unit in stream.stream {
      units.append(unit)
      if units.count(where: { $0.track == 0 }) == frames { break }
    }
    await source.stop()
    #expect(tracks.all.count == 1)
    return Shot(tracks: tracks.all.first ?? [], units: units, seconds: Double((ContinuousClock.now - start).nanoseconds) / 1e9)
  }

  static func recorderTracks(_ shot: Shot) -> [RecorderTrack] {
    shot.tracks.compactMap { track in
      switch track.parameters {
      case .h264(let sps, let pps)?:
        guard let sps = sps.first, let pps = pps.first, sps.count > 3 else { return nil }
        let record: [UInt8] =
          [1, sps[1], sps[2], sps[3], 0xFF, 0xE1, UInt8(sps.count >> 8), UInt8(sps.count & 255)] + sps
          + [1, UInt8(pps.count >> 8), UInt8(pps.count & 255)] + pps
        let size = "width=\(track.width ?? 0),height=\(track.height ?? 0)"
        return RecorderTrack(
          track: track, caps: "video/x-h264,stream-format=avc,alignment=au,\(size),codec_data=(buffer)\(Hex.encode(record))")
      case .aac(let config)?:
        return RecorderTrack(
          track: track, caps: "audio/mpeg,mpegversion=4,stream-format=raw,rate=48000,channels=1,codec_data=(buffer)\(Hex.encode(config))")
      default: return nil
      }
    }
  }

  static func accessUnits(_ units: [PatternUnit]) throws -> [AccessUnit] {
    try units.map { unit in
      var result = try ClusterWriterTests.unit(unit.track, 0, key: unit.isKey)
      result.pts = unit.pts
      result.payload = unit.payload
      return result
    }
  }

  @Test(
    "films in real time: key frames every two seconds, sound beside it, and its recording decodes without a complaint",
    .enabled(if: Shell.hasFFmpeg, "ffmpeg is not installed"))
  func films() async throws {
    let folder = try TemporaryFolder()
    let pattern = TestPattern(picture: .bars, width: 640, height: 360, kilobitsPerSecond: 600, label: "单兵一号 soloKit")
    let shot = try await Self.film(pattern, frames: 76)
    #expect(shot.tracks.map(\.codec) == [.h264, .aac])
    #expect(shot.tracks[0].width == 640)
    #expect(shot.seconds > 2.9)
    let video = shot.units.filter { $0.track == 0 }
    #expect(video.enumerated().filter { $0.element.isKey }.map(\.offset) == [0, 50])
    let steps = zip(video.dropFirst(), video).map { $0.pts.value - $1.pts.value }
    #expect(Set(steps) == [3600])
    #expect(abs(Double(shot.units.count { $0.track == 1 }) - 3 * 48_000 / 1024) < 15)
    for unit in video { #expect(NALUnits(unit.payload).reduce(0) { $0 + 4 + $1.readableBytes } == unit.payload.readableBytes) }
    let chunks = try await MatroskaTapTests.record(Self.recorderTracks(shot), [Self.accessUnits(shot.units)])
    let path = try folder.write(MatroskaTapTests.bytes(chunks), to: "film.mkv")
    let frames = try await Referee.video(path)
    #expect(frames.count == 76)
    #expect(Set(frames.map(\.hash)).count == 76, "every picture differs: it moves, and the time is burned in")
    _ = try await Referee.audio(path)
  }

  @Test("shows four different pictures, each in motion", .enabled(if: Shell.hasFFmpeg, "ffmpeg is not installed"))
  func pictures() async throws {
    let folder = try TemporaryFolder()
    var means: [[Double]] = []
    for picture in TestPattern.Picture.allCases {
      let pattern = TestPattern(picture: picture, width: 320, height: 180, kilobitsPerSecond: 400, label: "", hasAudio: false)
      let shot = try await Self.film(pattern, frames: 10)
      let chunks = try await MatroskaTapTests.record(Self.recorderTracks(shot), [Self.accessUnits(shot.units)])
      let path = try folder.write(MatroskaTapTests.bytes(chunks), to: "\(picture).mkv")
      let frames = try await Referee.video(path)
      #expect(Set(frames.map(\.hash)).count == 10)
      // The upper half in 8 × 4 grey cells of the first picture: away from the burned-in time.
      let raw = folder.file("\(picture).gray")
      _ = try await Shell.run(
        "/usr/bin/ffmpeg",
        ["-v", "error", "-i", path, "-frames:v", "1", "-vf", "crop=320:90:0:0,scale=8:4,format=gray", "-f", "rawvideo", raw])
      means.append([UInt8](try Data(contentsOf: URL(fileURLWithPath: raw))).map(Double.init))
    }
    for a in means.indices {
      for b in means.indices where a < b {
        let distance = zip(means[a], means[b]).map { abs($0 - $1) }.reduce(0, +) / 32
        #expect(distance > 10, "\(a) and \(b) look alike")
      }
    }
  }

  @Test(
    "films a file to its end, in real time, in the size that was asked for; one without sound says so",
    .enabled(if: Shell.hasFFmpeg, "ffmpeg is not installed"))
  func file() async throws {
    let folder = try TemporaryFolder()
    let clip = folder.path + "/clip.mkv"
    _ = try await Shell.run(
      "/usr/bin/ffmpeg",
      [
        "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=480x270:rate=30", "-f", "lavfi", "-i", "sine=frequency=700", "-t", "2",
        "-c:v", "mpeg4", "-c:a", "libopus", clip,
      ])
    let pattern = TestPattern(width: 640, height: 360, kilobitsPerSecond: 500, label: "文件", file: clip)
    let shot = try await Self.film(pattern, frames: 48)
    #expect(shot.tracks.map(\.codec) == [.h264, .aac])
    #expect(shot.tracks.first?.width == 640)
    #expect(shot.units.contains { $0.track == 1 })
    #expect(shot.seconds > 1.5)
    let mute = folder.path + "/mute.mkv"
    _ = try await Shell.run("/usr/bin/ffmpeg", ["-v", "error", "-i", clip, "-an", "-c", "copy", mute])
    let faults = AsyncStream<Fault>.makeStream()
    let source = try TestPatternSource(
      TestPattern(file: mute), library: PipelineLibrary.locate(), onTracks: { _ in Issue.record("tracks of what has no sound") }, onUnit: { _ in },
      onFault: { faults.continuation.yield($0) })
    try source.start()
    for await fault in faults.stream {
      #expect(fault.code == .mediaMalformed)
      break
    }
    await source.stop()
  }

  @Test("reads parameter sets from codec data, and never traps on mutants") func codecData() {
    let record: [UInt8] = [1, 0x42, 0xC0, 0x1E, 0xFF, 0xE1, 0, 4, 0x67, 0x42, 0xC0, 0x1E, 1, 0, 3, 0x68, 0xCE, 0x3C]
    let read = AVCConfiguration(record)
    #expect(read?.sps == [[0x67, 0x42, 0xC0, 0x1E]])
    #expect(read?.pps == [[0x68, 0xCE, 0x3C]])
    var mutator = Mutator(seed: 3)
    for _ in 0..<4000 { _ = AVCConfiguration(mutator.mutate(record)) }
    for count in 0..<record.count { #expect(AVCConfiguration(Array(record.prefix(count))) == nil) }
  }
}
