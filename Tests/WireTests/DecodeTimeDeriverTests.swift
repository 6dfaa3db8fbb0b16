import Model
import Testing
import Wire

@Suite("Decode times")
struct DecodeTimeDeriverTests {
  private static func derive(_ clip: MediaClip, _ track: Track) -> [Int64?] {
    var deriver = DecodeTimeDeriver(track: track)
    return clip.units.map { deriver.decodeTime(of: $0)?.value }
  }

  private static func expectOrdered(_ times: [Int64], _ clip: MediaClip) {
    #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
    #expect(zip(times, clip.frames).allSatisfy { $0 <= $1.pts })
  }

  @Test(
    "With B-frames they are ffmpeg's own, shifted by a constant",
    arguments: ["h264/bframes", "h264/interlaced", "h265/bframes", "h264/plain", "h265/plain"])
  func likeFFmpeg(_ name: String) throws {
    let clip = try MediaClip(name)
    let times = Self.derive(clip, clip.track).compactMap { $0 }
    #expect(times.count == clip.frames.count)
    Self.expectOrdered(times, clip)
    let shifts = Set(zip(times, clip.frames).map { $0 - $1.dts })
    // 30000/1001 is no whole number of ticks at the start, where the times before the first are made up.
    #expect((shifts.max() ?? 0) - (shifts.min() ?? 0) <= 1, "\(shifts)")
  }

  @Test("Without B-frames they are the presentation times", arguments: ["h264/plain", "h265/plain"])
  func plain(_ name: String) throws {
    let clip = try MediaClip(name)
    #expect(Self.derive(clip, clip.track) == clip.frames.map(\.pts))
  }

  @Test("Unknown parameters: the depth is learned, every unit gets a time", arguments: ["h264/bframes", "h264/interlaced", "h265/bframes"])
  func learned(_ name: String) throws {
    let clip = try MediaClip(name)
    let times = Self.derive(clip, Track(index: 0, codec: clip.codec, clockRate: 90_000)).compactMap { $0 }
    #expect(times.count == clip.frames.count)
    Self.expectOrdered(times, clip)
    // Once learned they are ffmpeg's again.
    let shifts = Set(zip(times, clip.frames).dropFirst(20).map { $0 - $1.dts })
    #expect((shifts.max() ?? 0) - (shifts.min() ?? 0) <= 1, "\(shifts)")
  }

  @Test("Unknown parameters without B-frames: the presentation times, but for the one after a picture that is missing")
  func learnedPlain() throws {
    var clip = try MediaClip("h264/plain")
    let track = Track(index: 0, codec: .h264, clockRate: 90_000, nominalFrameRateMilli: 25_000)
    #expect(Self.derive(clip, track) == clip.frames.map(\.pts))
    clip.frames.remove(at: 20)
    let times = Self.derive(clip, track)
    for (index, frame) in clip.frames.enumerated() {
      if index == 20 { #expect(times[index] == clip.frames[19].pts + 90) } else { #expect(times[index] == frame.pts) }
    }
  }

  @Test("A declared field rate does not hold the times back")
  func declaredFields() throws {
    let clip = try MediaClip("h264/plain")
    let times = Self.derive(clip, Track(index: 0, codec: .h264, clockRate: 90_000, nominalFrameRateMilli: 50_000)).compactMap { $0 }
    Self.expectOrdered(times, clip)
    #expect(Array(times.dropFirst(10)) == clip.frames.dropFirst(10).map(\.pts))
  }

  @Test("RTMP's milliseconds stay strictly increasing")
  func milliseconds() throws {
    let clip = try MediaClip("h264/bframes")
    let times = Self.derive(clip, Track(index: 0, codec: .h264, clockRate: 90_000)).compactMap { $0 }
    let rescaled = times.map { MediaTime(value: $0, timescale: 90_000).rescaled(to: 1000) }
    #expect(zip(rescaled, rescaled.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test("After a start at an open GOP only its skipped leading pictures get none")
  func openGOP() throws {
    var clip = try MediaClip("h265/bframes")
    let start = try #require(clip.frames.indices.first { $0 > 0 && clip.frames[$0].isKey })
    clip.frames.removeFirst(start)
    let times = Self.derive(clip, clip.track)
    for (time, frame) in zip(times, clip.frames) where time == nil {
      #expect(frame.bytes[4] >> 1 & 0x3F == 8 || frame.bytes[4] >> 1 & 0x3F == 9)
    }
    let given = times.compactMap { $0 }
    #expect(zip(given, given.dropFirst()).allSatisfy { $0 < $1 })
    #expect(given.count >= clip.frames.count - 4)
  }
}
