import FirstFrameTesting
import Foundation
import Model
import NIOCore
import Pipelines
import Testing
import Wire

@testable import Workers

/// One after the other: the decoder's log, by which damage is seen, belongs to the process.
@Suite("Decoding in this process", .serialized) enum InProcessDecoding {}

extension InProcessDecoding {
  @Suite("The key-frame decoder", .enabled(if: Samples.hasFFmpeg, "ffmpeg is not installed"))
  struct KeyFrameDecoderTests {
    private func decode(_ nals: [[UInt8]], _ codec: Codec = .h264) throws -> DecodeResult {
      try KeyFrameDecoder(library: .locate()).decode(
        DecodeRequest(id: 1, codec: codec, unit: "x", arrival: 0, bytes: ByteBuffer(bytes: Samples.lengthPrefixed(nals))))
    }

    private func isVCL(_ nal: [UInt8], _ codec: Codec) -> Bool { codec == .h264 ? (1...5).contains(nal[0] & 31) : nal[0] >> 1 & 63 < 32 }

    @Test("gives size, JPEG and hashes that sha256sum gives too", arguments: [(Codec.h264, ["-x264-params", "slices=4"]), (.h265, [])])
    func hashes(codec: Codec, extra: [String]) async throws {
      let folder = try TemporaryFolder()
      let nals = try await Samples.keyFrame("testsrc2=s=1920x1080", codec: codec, extra: extra, in: folder)
      if codec == .h264 { #expect(nals.count { isVCL($0, codec) } == 4) }
      let result = try decode(nals, codec)
      #expect(result.ok, "\(result.reason)")
      #expect(result.width == 1920)
      #expect(result.height == 1080)
      #expect(result.look.visible && !result.look.dark)
      #expect(result.decodeNanoseconds > 0)
      try Data(result.jpeg.readableBytesView).write(to: URL(fileURLWithPath: folder.file("a.jpg")))
      try Data(nals.filter { isVCL($0, codec) }.joined()).write(to: URL(fileURLWithPath: folder.file("a.vcl")))
      try "\(result.jpegSHA256)  \(folder.file("a.jpg"))\n\(result.vclSHA256)  \(folder.file("a.vcl"))\n".write(
        toFile: folder.file("sums"), atomically: true, encoding: .utf8)
      try await Samples.run("/usr/bin/sha256sum", ["-c", "--quiet", folder.file("sums")])
      // The JPEG shows the source picture: ffmpeg compares the two at 1280×720.
      try await Samples.run(
        "/usr/bin/python3", ["-c", Self.compare, folder.file("a.jpg")])
    }

    private static let compare = """
      import subprocess, sys, re
      out = subprocess.run(["ffmpeg", "-i", sys.argv[1], "-f", "lavfi", "-i", "testsrc2=s=1920x1080,scale=1280:720,format=yuvj420p", "-frames:v", "1",
        "-lavfi", "[0]format=yuvj420p[a];[a][1]psnr", "-f", "null", "-"], capture_output=True, text=True).stderr
      value = float(re.search(r"psnr_avg:([0-9.inf]+)|average:([0-9.inf]+)", out).group(0).split(":")[1])
      sys.exit(0 if value > 25 else 1)
      """

    @Test("without key frames: the picture that a recovery point names is the one that comes out when all is decoded from the beginning")
    func recovered() async throws {
      let folder = try TemporaryFolder()
      let path = folder.file("refresh.h264")
      try await Samples.run(
        "/usr/bin/ffmpeg",
        [
          "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x240:r=25", "-frames:v", "120", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-bf", "0",
          "-x264-params", "slices=1:threads=1:intra-refresh=1:keyint=25", "-f", "h264", path,
        ])
      let origin = try Samples.unit([1]).id.origin
      var reader = AnnexBUnitReader(
        track: Track(index: 0, codec: .h264, clockRate: 90_000), id: AccessUnitID(origin: origin, epoch: 1, number: 1))
      var units: [AccessUnit] = []
      reader.read(
        ByteBuffer(bytes: [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))), presentation: 0, arrival: BootTime(nanoseconds: 0), into: &units
      )
      reader.endPicture(into: &units)
      #expect(units.count == 120 && units.filter { !$0.flags.contains(.recovery) && $0.isKey }.count == 1)
      let begin = try #require(units.indices.first { $0 > 40 && RecoveryRun(start: units[$0], codec: .h264) != nil })
      var run = try #require(RecoveryRun(start: units[begin], codec: .h264))
      var end = begin
      while !run.isRight, end + 1 < units.count {
        end += 1
        run.add(units[end])
      }
      #expect(run.isRight && end - begin > 5)
      func decode(_ range: ClosedRange<Int>) throws -> DecodeResult {
        let request = try #require(DecodeRequest(id: 1, run: Array(units[range]), track: reader.track))
        // As it goes over the socket.
        return try KeyFrameDecoder(library: .locate()).decode(try #require(DecodeRequest(request.frame)))
      }
      let (joined, whole) = (try decode(begin...end), try decode(0...end))
      #expect(joined.ok && whole.ok, "\(joined.reason)")
      #expect(joined.jpegSHA256 == whole.jpegSHA256 && joined.vclSHA256 == whole.vclSHA256 && joined.look.visible)
      #expect(try !decode(begin...end - 3).ok, "three pictures earlier it is not right, and the decoder says so")
    }

    @Test(
      "sees black, flat and dark where ffmpeg put them",
      arguments: [
        ("color=c=black:s=640x360", "black"), ("color=c=0x808080:s=640x360", "flat"), ("color=c=blue:s=640x360", "flat"),
        ("color=c=white:s=640x360", "flat"), ("color=c=black:s=640x360,drawbox=x=300:y=150:w=40:h=40:c=white:t=fill", "dark"),
        ("testsrc2=s=640x360", ""), ("color=c=0x101010:s=640x360", "black"),
      ])
    func looks(source: String, expected: String) async throws {
      let folder = try TemporaryFolder()
      let result = try decode(try await Samples.keyFrame(source, in: folder))
      #expect(result.ok)
      #expect(result.look.visible == (expected == "" || expected == "dark"))
      #expect(result.look.dark == (expected == "dark"))
      #expect(result.reason == (expected == "dark" ? "" : expected))
      #expect(!result.jpegSHA256.isEmpty)
    }

    @Test("fails whatever is missing or cut, and is well for the next job", arguments: [Codec.h264, .h265])
    func damage(codec: Codec) async throws {
      let folder = try TemporaryFolder()
      let nals = try await Samples.keyFrame("testsrc2=s=640x360", codec: codec, in: folder)
      let whole = try decode(nals, codec)
      #expect(whole.ok)
      let slice = try #require(nals.firstIndex { isVCL($0, codec) })
      let sets = nals.filter { !isVCL($0, codec) }
      #expect(!(try decode(sets, codec).ok), "no picture at all")
      #expect(!(try decode(nals.filter { isVCL($0, codec) }, codec).ok), "no parameter sets")
      for part in [4, 10, 25, 50, 75, 90] {
        var cut = nals
        cut[slice] = Array(cut[slice].prefix(cut[slice].count * part / 100))
        let result = try decode(cut, codec)
        #expect(!result.ok, "\(part) % of the slice")
        #expect(!result.reason.isEmpty)
        #expect(result.jpeg.readableBytes == 0)
      }
      #expect(try decode(nals, codec).vclSHA256 == whole.vclSHA256)
    }

    @Test("fails when one of several slices is missing or cut", arguments: [Codec.h264, .h265])
    func missingSlice(codec: Codec) async throws {
      let folder = try TemporaryFolder()
      let extra = codec == .h264 ? ["-x264-params", "slices=4"] : ["-x265-params", "slices=4:log-level=none"]
      let nals = try await Samples.keyFrame("testsrc2=s=640x360", codec: codec, extra: extra, in: folder)
      let slices = nals.indices.filter { isVCL(nals[$0], codec) }
      #expect(slices.count == 4)
      #expect(try decode(nals, codec).ok)
      for slice in slices {
        var fewer = nals
        fewer.remove(at: slice)
        #expect(!(try decode(fewer, codec).ok), "slice \(slice) missing")
        var cut = nals
        cut[slice] = Array(cut[slice].prefix(cut[slice].count * 3 / 4))
        #expect(!(try decode(cut, codec).ok), "slice \(slice) cut")
      }
    }

    @Test(
      "passes healthy pictures of every make: CAVLC, CABAC, field pairs, wavefronts, many slices, all-intra, ten bits, odd sizes",
      arguments: [
        (Codec.h264, "testsrc2=s=640x360", ["-profile:v", "baseline"]), (.h264, "testsrc2=s=640x360", ["-x264-params", "slices=8:cabac=0"]),
        (.h264, "testsrc2=s=720x576", ["-flags", "+ilme+ildct", "-x264-params", "tff=1"]), (.h264, "mandelbrot=s=1278x718", []),
        (.h264, "testsrc2=s=352x288", ["-profile:v", "high10", "-pix_fmt", "yuv420p10le"]),
        (.h265, "testsrc2=s=640x360", ["-x265-params", "wpp=1:slices=4:log-level=none"]), (.h265, "mandelbrot=s=1278x718", []),
        (.h265, "testsrc2=s=640x360", ["-x265-params", "wpp=0:log-level=none"]), (.h265, "testsrc2=s=352x288", ["-pix_fmt", "yuv420p10le"]),
        (.h265, "color=c=red:s=640x360,noise=alls=40", []), (.h265, "testsrc2=s=3840x2160", ["-x265-params", "lossless=1:log-level=none"]),
      ])
    func healthy(codec: Codec, source: String, extra: [String]) async throws {
      let folder = try TemporaryFolder()
      let result = try decode(try await Samples.keyFrame(source, codec: codec, extra: extra, in: folder), codec)
      #expect(result.ok, "\(result.reason)")
      #expect(result.look.visible)
    }

    @Test("never passes most damaged slices, and never traps on any", arguments: [Codec.h264, .h265]) func mutants(codec: Codec) async throws {
      let folder = try TemporaryFolder()
      let nals = try await Samples.keyFrame("testsrc2=s=320x180", codec: codec, in: folder)
      let slice = try #require(nals.firstIndex { isVCL($0, codec) })
      var mutator = Mutator(seed: 77)
      var passed = 0
      for _ in 0..<60 {
        var damaged = nals
        let at = Int.random(in: 20..<(damaged[slice].count - 16), using: &mutator)
        for index in at..<at + 12 { damaged[slice][index] = UInt8.random(in: 4...255, using: &mutator) }
        if try decode(damaged, codec).ok { passed += 1 }
      }
      // Entropy coding has no check sum: damage may be another valid picture, in H.265 more often, as each wavefront row begins anew.
      // Measured: 0 and 13 of 60. Lost packets never come here: the unit is flagged damaged before.
      #expect(passed <= (codec == .h264 ? 3 : 20), "\(passed) of 60 damaged slices passed")
    }
  }
}
