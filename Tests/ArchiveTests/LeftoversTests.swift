import FirstFrameTesting
import Foundation
import Model
import NIOCore
import Pipelines
import Testing

@testable import Archive

/// A file of ours cut anywhere: what the walk through it and the recovery from it make of that. Needs no coder.
@Suite("Cut segment files")
struct LeftoversTests {
  private static let units = SmallClip.units(Bench.name, seconds: 2)
  private static let header = PlainTap.header(SmallClip.tracks)

  /// A whole file, and where each of its blocks ends.
  private static let file: (bytes: [UInt8], ends: [Int]) = {
    let run = TapRun(tracks: SmallClip.tracks, anywhere: false, origin: TapRun.Origin(boot: "", reading: nil), chain: SpoolChain(run: 1), limit: .max)
    let tap = PlainTap(SmallClip.tracks) { run.put($0) }
    for start in stride(from: 0, to: units.count, by: 20) { tap.push(Array(units[start..<min(units.count, start + 20)])) }
    let bytes = run.drain().chunks.flatMap { Array($0.bytes.readableBytesView) }
    var walker = MatroskaWalker()
    var ends: [Int] = []
    for (index, byte) in bytes.enumerated() {
      withUnsafeBytes(of: byte) { walker.feed($0) { _ in ends.append(index + 1) } }
    }
    return (bytes, ends)
  }()

  private static let now = ClockReading(boot: BootTime(nanoseconds: 5_000_000_000_000), kernel: KernelTime(nanoseconds: 1_700_000_100_000_000_000))

  private static func prefix(_ bytes: [UInt8], age: Nanoseconds = .seconds(100)) -> Leftovers.Prefix? {
    Leftovers.readPrefix(bytes, modified: WallTime(nanoseconds: now.kernel.nanoseconds - age.value), now: now)
  }

  @Test("Cut at any byte, a file gives every block that is whole, and the walk says where it may be cut")
  func everyByte() throws {
    let (bytes, ends) = Self.file
    #expect(ends.count == Self.units.count)
    for length in 0...bytes.count {
      let cut = Array(bytes.prefix(length))
      let whole = ends.prefix { $0 <= length }.count
      guard let prefix = Self.prefix(cut) else {
        #expect(whole == 0, "\(length)")
        continue
      }
      #expect(prefix.notes.count == whole, "\(length)")
      #expect(Array(prefix.header.readableBytesView) == Self.header)
      // What is kept is well formed: walked again it gives the same blocks and ends where it is cut.
      var walker = MatroskaWalker()
      var blocks = 0
      for part in [prefix.header, prefix.body] { part.withUnsafeReadableBytes { walker.feed($0) { _ in blocks += 1 } } }
      #expect(blocks == whole)
      #expect(walker.complete == Int64(prefix.header.readableBytes + prefix.body.readableBytes))
    }
  }

  @Test("Arrival times are placed by the file's age, in the order of presentation")
  func times() throws {
    let prefix = try #require(Self.prefix(Self.file.bytes))
    #expect(prefix.tracks.map(\.codec) == [.h264, .aac])
    #expect(prefix.startsWithKey)
    #expect(prefix.notes.map(\.position) == Self.units.indices.map { UInt64($0) })
    #expect(prefix.notes.map(\.isVideo) == Self.units.map { $0.track == 0 })
    #expect(prefix.notes.map(\.bytes) == Self.units.map(\.payload.readableBytes))
    let newest = try #require(prefix.notes.map(\.arrival).max())
    #expect(newest == Self.now.boot - .seconds(100))
    let spread = newest - (prefix.notes.map(\.arrival).min() ?? newest)
    #expect(spread == .milliseconds(1960))
  }

  @Test("A file of a codec that we cannot name, and one that is no file of ours, give nothing")
  func foreign() {
    let text = Array("A_AAC".utf8)
    var other = Self.file.bytes
    if let at = other.firstRange(of: text) { other.replaceSubrange(at, with: Array("A_XYZ".utf8)) }
    #expect(Self.prefix(other) == nil)
    #expect(Self.prefix([]) == nil)
    #expect(Self.prefix(Array("not a file".utf8)) == nil)
    #expect(Self.prefix(Array(Self.file.bytes.dropFirst(4))) == nil)
  }

  @Test("2000 mutants of a file never trap the recovery, and it keeps no more bytes than there are")
  func mutants() {
    var random = Mutator(seed: 31)
    var kept = 0
    for _ in 0..<2000 {
      let mutant = random.mutate(Self.file.bytes, with: Self.file.bytes)
      guard let prefix = Self.prefix(mutant, age: Nanoseconds(.max)) else { continue }
      kept += 1
      #expect(prefix.header.readableBytes + prefix.body.readableBytes <= mutant.count)
    }
    #expect(kept > 200)
  }

  @Test("Numbers beyond the index are found over small holes, committed before open ones, and nothing else")
  func numbers() throws {
    let store = MemoryStore()
    for path in ["00000004.mkv", "00000005.mkv.part", "00000007.mkv", "00000007.mkv.part", "00000010.mkv", "00000015.mkv", "notes.txt"] {
      store.put(Bench.id + "/" + path, [1])
    }
    let found = try Leftovers.find(store, Bench.id, after: 4).map { String($0.path.dropFirst(17)) }
    #expect(found == ["00000005.mkv.part", "00000007.mkv", "00000007.mkv.part", "00000010.mkv"])
    #expect(try Leftovers.find(store, "0000000000000000", after: 0).isEmpty)
    let kept = try Leftovers.setAside(try Leftovers.find(store, Bench.id, after: 4), store)
    #expect(kept.map(\.origin) == found.map { Bench.id + "/" + $0 })
    #expect(kept.allSatisfy { $0.file.path.hasPrefix("quarantine/") && store.contents[$0.file.path] == [1] })
    #expect(store.list(Bench.id) == ["00000004.mkv", "00000015.mkv", "notes.txt"])
  }

  @Test("The walk names the tracks of any header, in pieces of any size", arguments: [1, 2, 5, 1000])
  func tracks(_ piece: Int) {
    var walker = MatroskaWalker()
    for start in stride(from: 0, to: Self.file.bytes.count, by: piece) {
      Self.file.bytes[start..<min(Self.file.bytes.count, start + piece)].withUnsafeBytes { walker.feed($0) { _ in } }
    }
    #expect(walker.tracks.map(\.codecID) == ["V_MPEG4/ISO/AVC", "A_AAC"])
    #expect(walker.tracks.map(\.number) == [1, 2])
    #expect(walker.tracks.map(\.isVideo) == [true, false])
    #expect(walker.headerEnd == Int64(Self.header.count))
    #expect(walker.blockCount == Self.units.count)
    #expect(!walker.hasFailed)
  }
}
