import Model
import NIOCore
import Pipelines
import Testing

@testable import Workers

extension InProcessDecoding {
  /// Looks and listens go through pipelines that other streams' jobs have used.
  @Suite("A decoder that is used again", .enabled(if: Samples.hasFFmpeg, "ffmpeg is not installed"))
  struct KeptPipelineTests {
    private static let film = "testsrc2=s=640x360:r=25:d=1"
    private static let other = "mandelbrot=s=640x360:r=25,trim=end_frame=25,negate"

    private func options(_ codec: Codec) -> [String] {
      codec == .h264
        ? ["-x264-params", "slices=4:bframes=0", "-g", "25"]
        : ["-x265-params", "slices=4:bframes=0:keyint=25:min-keyint=25:scenecut=0:log-level=none"]
    }

    private func nals(_ unit: AccessUnit) -> [[UInt8]] { NALUnits(unit.payload).map { Array($0.readableBytesView) } }

    private func isVCL(_ nal: [UInt8], _ codec: Codec) -> Bool { codec == .h264 ? (1...5).contains(nal[0] & 31) : nal[0] >> 1 & 63 < 32 }

    private func request(_ units: [[[UInt8]]], _ codec: Codec) -> LookRequest {
      LookRequest(
        id: 1, codec: codec, units: units.map { ByteBuffer(bytes: Samples.lengthPrefixed($0)) }, order: Array(units.indices))
    }

    private func request(_ clip: CodedClip, _ range: Range<Int>) -> LookRequest {
      LookRequest(id: 1, units: Array(clip.units[range]), track: clip.track)
    }

    /// All but the time that it took, and the number that the failed element bears.
    private func said(_ result: LookResult) -> LookResult {
      var result = result
      result.decodeNanoseconds = 0
      result.reason.replace(/^avdec_h26[45]-?[0-9]*/, with: "decoder")
      return result
    }

    /// Jobs that must not be answered out of what went before: whole, damaged, without parameter sets, without a key frame.
    private func jobs(_ clip: CodedClip, _ codec: Codec) -> [(what: String, job: LookRequest)] {
      let sets: [[UInt8]] =
        switch clip.track.parameters {
        case .h264(let sps, let pps): sps + pps
        case .h265(let vps, let sps, let pps): vps + sps + pps
        default: []
        }
      let slices = nals(clip.units[0]).filter { isVCL($0, codec) }
      let second = nals(clip.units[1]).filter { isVCL($0, codec) }
      var jobs: [(String, LookRequest)] = [
        ("one key frame", request(clip, 0..<1)), ("ten pictures", request(clip, 0..<10)),
        ("no parameter sets", request([slices], codec)), ("a P picture alone", request([sets + second], codec)),
        ("a P picture alone without parameter sets", request([second], codec)), ("parameter sets alone", request([sets], codec)),
      ]
      for index in slices.indices {
        jobs.append(("slice \(index) missing", request([sets + slices[..<index] + slices[(index + 1)...]], codec)))
        var cut = slices
        cut[index] = Array(cut[index].prefix(cut[index].count / 2))
        jobs.append(("slice \(index) cut", request([sets + cut], codec)))
        jobs.append(("slice \(index) cut, and a P picture", request([sets + cut, second], codec)))
      }
      return jobs
    }

    @Test("says of every unit, whole or broken, what a new one says, whichever stream it decoded before", arguments: [Codec.h264, .h265])
    func looks(codec: Codec) async throws {
      let folder = try TemporaryFolder()
      let clip = try await CodedClip.picture(Self.film, codec: codec, options: options(codec), in: folder)
      let other = try await CodedClip.picture(Self.other, codec: codec, options: options(codec), in: folder)
      #expect(nals(clip.units[0]).count { isVCL($0, codec) } == 4)
      let library = try PipelineLibrary.locate()
      let whole = try LookDecoder(library: library).decode(request(clip, 0..<1))
      #expect(whole.ok && whole.looks.count == 1)
      var seen = 0
      for (what, job) in jobs(clip, codec) {
        let fresh = said(try LookDecoder(library: library).decode(job))
        seen += fresh.looks.count
        // Of the same film, of another one, and nothing at all: pictures of the same size and the same parameter sets.
        for before in [request(clip, 0..<25), request(other, 0..<25), request(other, 3..<4)] {
          let decoder = try LookDecoder(library: library)
          _ = decoder.decode(before)
          #expect(said(decoder.decode(job)) == fresh, "\(what)")
        }
      }
      #expect(seen >= 11, "some of the broken ones are looked at")
    }

    @Test("looks at streams of other sizes, depths and colours by turns as if each were its first", arguments: [Codec.h264, .h265])
    func formats(codec: Codec) async throws {
      let folder = try TemporaryFolder()
      var jobs: [LookRequest] = []
      for (size, format) in [("640x360", "yuv420p"), ("640x360", "yuv420p10le"), ("320x240", "yuv422p"), ("426x240", "yuv444p")] {
        let clip = try await CodedClip.picture("testsrc2=s=\(size):d=0.2", codec: codec, options: ["-pix_fmt", format], in: folder)
        jobs.append(request(clip, 0..<1))
      }
      let fresh = try jobs.map { said(try LookDecoder(library: .locate()).decode($0)) }
      #expect(fresh.allSatisfy { $0.ok && $0.looks.count == 1 })
      let decoder = try LookDecoder(library: .locate())
      for index in [0, 1, 2, 3, 0, 2, 1, 0, 3, 1] { #expect(said(decoder.decode(jobs[index])) == fresh[index], "\(index)") }
      #expect(decoder.kept.count == 1)
    }

    @Test("is the same one job after job, another one after a job that did not give every picture")
    func again() async throws {
      let folder = try TemporaryFolder()
      let clip = try await CodedClip.picture(Self.film, codec: .h264, options: options(.h264), in: folder)
      let decoder = try LookDecoder(library: .locate())
      #expect(decoder.decode(request(clip, 0..<1)).looks.count == 1)
      let first = try #require(decoder.kept[.h264])
      #expect(decoder.decode(request(clip, 0..<25)).looks.count == 25)
      #expect(decoder.kept[.h264] === first)
      #expect(decoder.decode(request([nals(clip.units[0]).filter { isVCL($0, .h264) }], .h264)).looks.isEmpty)
      #expect(decoder.kept[.h264] == nil)
      #expect(decoder.decode(request(clip, 0..<1)).looks.count == 1)
      #expect(decoder.kept[.h264] != nil)
    }

    @Test("hears of a stretch what a new one hears, whichever stream it decoded before", arguments: [Codec.aac, .opus, .pcma])
    func listens(codec: Codec) async throws {
      let folder = try TemporaryFolder()
      let loud = try await CodedClip.sound("sine=f=440:d=2", codec: codec, in: folder)
      let quiet = try await CodedClip.sound("anoisesrc=d=2:a=0.0004:seed=7", codec: codec, in: folder)
      func hear(_ decoder: ListenDecoder, _ clip: CodedClip, _ range: Range<Int>) -> DecodedSound {
        let request = ListenRequest(id: 1, units: Array(clip.units[range]), track: clip.track, preroll: 0)
        var sound = decoder.decode(request).sound
        sound.cost = .zero
        return sound
      }
      let fresh = hear(try ListenDecoder(library: .locate()), quiet, 20..<40)
      #expect(fresh.peakMilliDecibel < -50_000 && fresh.length > .zero)
      let decoder = try ListenDecoder(library: .locate())
      #expect(hear(decoder, loud, 20..<40).peakMilliDecibel > -30_000)
      let first = try #require(decoder.kept.first?.value)
      #expect(hear(decoder, quiet, 20..<40) == fresh)
      #expect(decoder.kept.count == 1 && decoder.kept.first?.value === first)
    }
  }
}
