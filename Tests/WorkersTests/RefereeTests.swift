import Model
import Pipelines
import Testing

@testable import Hub
@testable import Workers

extension InProcessDecoding {
  /// The probes' spans against ffmpeg's blackdetect, freezedetect and silencedetect on the same coded clip (measurement.md §5: 1 frame, 0.05 s).
  @Suite("Probes against ffmpeg's detectors", .enabled(if: Samples.hasFFmpeg, "ffmpeg is not installed"))
  struct RefereeTests {
    typealias Spans = [(from: Double, to: Double)]

    private static func spans(_ events: [SampleEvent], _ value: (SampleEvent) -> Int64) -> Spans {
      var spans: Spans = []
      for event in events where event.kind == .probe && value(event) >= 0 {
        let at = CodedClip.seconds(event.at)
        if value(event) == 1 {
          spans.append((at, .infinity))
        } else if let last = spans.indices.last, spans[last].to == .infinity {
          spans[last].to = at
        }
      }
      return spans
    }

    private static func expectSame(_ ours: Spans, _ starts: [Double]?, _ ends: [Double]?, within band: Double) {
      let theirs = zip(starts ?? [], ends ?? []).map { ($0, $1) }
      #expect(ours.count == theirs.count, "\(ours) \(theirs)")
      for (a, b) in zip(ours, theirs) { #expect(abs(a.from - b.0) <= band && abs(a.to - b.1) <= band, "\(a) \(b)") }
    }

    /// Drives the pure watch as the probe does, with the worker's own decoder.
    private func watch(_ clip: CodedClip, everyKey: Int = 1) throws -> [SampleEvent] {
      let decoder = try LookDecoder(library: .locate())
      func look(_ units: [AccessUnit]) -> [LookWatch.Look] {
        let result = decoder.decode(LookRequest(id: 1, units: units, track: clip.track))
        #expect(result.ok, "\(result.reason)")
        return LookWatch.Look.frames(result.looks, of: units)
      }
      var (looks, history, events, keys) = (LookWatch(), PictureHistory(), [SampleEvent](), 0)
      for unit in clip.units {
        let begins = unit.isKey && keys % everyKey == 0
        if unit.isKey { keys += 1 }
        if begins { history.beginLook() }
        history.append(unit, mayHold: true)
        guard begins, let seen = look([unit]).first else { continue }
        let wanted = looks.wanted(for: seen)
        let change = looks.conclude(
          seen, sinceLast: wanted.contains(.sinceLast) ? history.sinceLast.map(look) : nil,
          beforeStill: wanted.contains(.beforeStill) ? history.beforeStill.map(look) : nil)
        history.endLook(isNewPicture: change.isNewPicture, keepsBefore: change.mayWantBefore)
        events += change.events
      }
      return events
    }

    /// 36 s: black from frame 203 to 336, standing still from 463 to 779. None of the edges is at a key frame. It moves enough that each frame is unlike the
    /// one before, and is coded well enough that a still picture does not go on getting better: freezedetect would take that for change.
    private static let film =
      "testsrc2=s=320x180:r=25:d=36,scroll=h=0.03:v=0.02,drawbox=enable='between(n,203,336)':c=black:t=fill,loop=loop=316:size=1:start=463,"
      + "setpts=N/25/TB,trim=end_frame=900"

    @Test(
      "black and frozen spans are ffmpeg's to the frame, with and without B pictures, in H.264 and H.265, and for clips of key frames alone",
      arguments: [
        (Codec.h264, ["-qp", "6", "-g", "50", "-bf", "0"]), (.h264, ["-qp", "6", "-g", "60", "-bf", "3"]), (.h264, ["-qp", "6", "-g", "1"]),
        (.h265, ["-x265-params", "qp=6:keyint=50:min-keyint=50:scenecut=0:bframes=0:log-level=none"]),
      ])
    func pictures(codec: Codec, options: [String]) async throws {
      let folder = try TemporaryFolder()
      let clip = try await CodedClip.picture(Self.film, codec: codec, options: options, in: folder)
      let referee = try await clip.referee(["-vf", "blackdetect=d=2:pic_th=0.98:pix_th=0.1,freezedetect=n=0.001:d=10"], in: folder)
      #expect(referee["black_start"]?.count == 1 && referee["freeze_end"]?.count == 1, "\(referee)")
      // Key frames alone come 25 in a second; the probe looks at one in two.
      let events = try watch(clip, everyKey: options.contains("1") ? 50 : 1)
      Self.expectSame(Self.spans(events) { $0.value1 }, referee["black_start"], referee["black_end"], within: 0.0401)
      Self.expectSame(Self.spans(events) { $0.value2 }, referee["freeze_start"], referee["freeze_end"], within: 0.0401)
    }

    @Test(
      "a torch-lit night is dark, not black, though blackdetect calls it so; a covered lens is both",
      arguments: [("", false), (",drawbox=t=fill:c=black", true)])
    func dark(cover: String, isBlack: Bool) async throws {
      let folder = try TemporaryFolder()
      let night = "color=c=0x050505:s=320x180:r=25:d=6,drawbox=x=150:y=80:w=20:h=20:c=white:t=fill\(cover)"
      let clip = try await CodedClip.picture(night, codec: .h264, options: ["-g", "50"], in: folder)
      let referee = try await clip.referee(["-vf", "blackdetect=d=2:pic_th=0.98:pix_th=0.1"], in: folder)
      #expect(referee["black_start"] == [0])
      let events = try watch(clip)
      #expect(Self.spans(events) { $0.value1 }.isEmpty != isBlack)
      let looks = events.filter { $0.kind == .look }
      #expect(looks.allSatisfy { $0.value1 >= 980 })
      #expect(looks.allSatisfy { ($0.value2 >= 100) != isBlack })
    }

    @Test("silent spans are silencedetect's within 0.05 s", arguments: [Codec.aac, .opus, .pcma, .pcmu])
    func sound(codec: Codec) async throws {
      let folder = try TemporaryFolder()
      let filter = "sine=f=440:d=60,volume=volume=0.4,volume=volume=0:enable='between(t,12.345,31.678)+between(t,44.4,53.9)'"
      let clip = try await CodedClip.sound(filter, codec: codec, in: folder)
      let referee = try await clip.referee(["-af", "silencedetect=n=-50dB:d=10"], in: folder)
      #expect(referee["silence_start"]?.count == 1, "\(referee)")
      let decoder = try ListenDecoder(library: .locate())
      var (watch, events, listened) = (SoundWatch(), [SampleEvent](), 0.0)
      for unit in clip.units {
        watch.append(unit)
        while let ask = watch.ask(at: unit.firstArrival, interval: .seconds(4)) {
          let result = decoder.decode(ListenRequest(id: 1, units: ask.units, track: clip.track, preroll: ask.preroll))
          #expect(result.ok, "\(result.reason)")
          listened += Double(result.sound.length.value) / 1_000_000_000
          events += watch.answer(result.sound, to: ask)
        }
      }
      Self.expectSame(Self.spans(events) { $0.value3 }, referee["silence_start"], referee["silence_end"], within: 0.05)
      #expect(listened < 45, "of 60 s, twenty were silent and thirty-nine not")
      let peaks = events.filter { $0.kind == .sound }.map(\.value2)
      // A sine of 1/8 × 0.4 is −26 dBFS, on two channels −29; AAC rings where it is cut.
      #expect((peaks.max() ?? 0) > -30_000 && (peaks.max() ?? 0) < -20_000)
    }
  }
}
