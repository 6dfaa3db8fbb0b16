import FirstFrameTesting
import Foundation
import Model
import Testing

@testable import Archive

@Suite("The walk through Matroska bytes", .enabled(if: Shell.has(TestClip.program), "ffmpeg is not installed"))
struct MatroskaWalkerTests {
  private struct Sample {
    var bytes: [UInt8]
    /// ffprobe's: stream, pts in ms, size.
    var packets: [(stream: Int, time: Int64, size: Int, isKey: Bool)]
  }

  private static func sample() async throws -> Sample {
    let folder = try Bench.temporary()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let clip = try await TestClip.make(.h264BFramesAAC, seconds: 2, in: folder)
    let path = folder + "/remuxed.mkv"
    _ = try await Shell.run(TestClip.program, ["-v", "error", "-i", clip.path, "-c", "copy", "-cluster_time_limit", "400", path])
    let text = try await Shell.text(
      "/usr/bin/ffprobe", ["-v", "error", "-show_entries", "packet=stream_index,pts,size,flags", "-of", "csv=p=0", path])
    let packets = text.split(separator: "\n").compactMap { line -> (Int, Int64, Int, Bool)? in
      let fields = line.split(separator: ",")
      guard fields.count >= 4, let stream = Int(fields[0]), let pts = Int64(fields[1]), let size = Int(fields[2]) else { return nil }
      return (stream, pts, size, fields[3].hasPrefix("K"))
    }
    return Sample(bytes: [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))), packets: packets)
  }

  @Test("finds every block that ffprobe finds, in pieces of any size")
  func blocks() async throws {
    let sample = try await MatroskaWalkerTests.sample()
    #expect(sample.packets.count > 100)
    for piece in [1, 13, 4096, sample.bytes.count] {
      var walker = MatroskaWalker()
      var blocks: [MatroskaWalker.Block] = []
      for start in stride(from: 0, to: sample.bytes.count, by: piece) {
        sample.bytes[start..<min(sample.bytes.count, start + piece)].withUnsafeBytes { raw in walker.feed(raw) { blocks.append($0) } }
      }
      #expect(!walker.hasFailed)
      #expect(walker.tracks.map(\.codecID) == ["V_MPEG4/ISO/AVC", "A_AAC"])
      #expect(walker.tracks.map(\.isVideo) == [true, false])
      #expect(blocks.map(\.payload) == sample.packets.map(\.size))
      #expect(blocks.map(\.time) == sample.packets.map(\.time))
      #expect(blocks.map { Int($0.track) } == sample.packets.map { $0.stream + 1 })
      #expect(walker.offset == Int64(sample.bytes.count))
    }
  }

  @Test("a cut file is whole up to its last block")
  func prefix() async throws {
    let sample = try await MatroskaWalkerTests.sample()
    var last: Int64 = 0
    for cut in stride(from: 0, through: sample.bytes.count, by: 997) {
      var walker = MatroskaWalker()
      sample.bytes[..<cut].withUnsafeBytes { walker.feed($0) { _ in } }
      #expect(walker.complete <= Int64(cut))
      #expect(walker.complete >= last)
      last = walker.complete
    }
    #expect(last > Int64(sample.bytes.count) / 2)
  }

  @Test("2500 mutants end without a trap and count no more bytes than there are")
  func mutants() async throws {
    let sample = try await MatroskaWalkerTests.sample()
    let short = Array(sample.bytes.prefix(6000))
    var mutator = Mutator(seed: 11)
    for _ in 0..<2500 {
      let mutant = mutator.mutate(short, with: Array(sample.bytes.suffix(3000)))
      var walker = MatroskaWalker()
      mutant.withUnsafeBytes { walker.feed($0) { _ in } }
      #expect(walker.complete <= Int64(mutant.count))
      #expect(walker.offset <= Int64(mutant.count))
    }
  }
}
