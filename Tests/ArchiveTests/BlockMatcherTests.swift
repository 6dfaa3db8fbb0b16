import Model
import NIOCore
import Pipelines
import Testing

@testable import Archive

@Suite("Blocks and units")
struct BlockMatcherTests {
  private static func note(_ position: UInt64, _ track: UInt8) -> UnitNote {
    let time = BootTime(nanoseconds: Int64(position))
    return UnitNote(position: position, firstArrival: time, arrival: time, bytes: 1, track: track, isVideo: track == 0, session: 0)
  }

  private static let units = SmallClip.units(Bench.name, seconds: 1)

  private static func chunks() -> [ByteBuffer] {
    let run = TapRun(tracks: SmallClip.tracks, anywhere: false, origin: TapRun.Origin(boot: "", reading: nil), chain: SpoolChain(run: 1), limit: .max)
    let tap = PlainTap(SmallClip.tracks) { run.put($0) }
    tap.push(units)
    return run.drain().chunks.map(\.bytes)
  }

  @Test("Each block is the oldest unit of its track, in pieces of any size", arguments: [1, 7, 100_000])
  func order(_ piece: Int) throws {
    var matcher = BlockMatcher()
    matcher.add(Self.units.enumerated().map { Self.note(UInt64($0.offset), $0.element.track) })
    let chunks = Self.chunks()
    matcher.readHeader(try #require(chunks.first), tracks: SmallClip.tracks)
    #expect(matcher.first?.position == 0)
    var found: [(UInt64, Int)] = []
    for chunk in chunks.dropFirst() {
      var rest = chunk
      while let part = rest.readSlice(length: min(piece, rest.readableBytes)), part.readableBytes > 0 {
        matcher.match(part) { note, payload in found.append((note.position, payload)) }
      }
    }
    #expect(found.map(\.0) == Self.units.indices.map { UInt64($0) })
    #expect(found.map(\.1) == Self.units.map(\.payload.readableBytes))
    #expect(matcher.first == nil)
    #expect(matcher.strangeBlocks == 0)
  }

  @Test("A block that no unit went in for is counted, and shifts no other track's units")
  func strange() throws {
    var matcher = BlockMatcher()
    let chunks = Self.chunks()
    // Sound alone: every picture is one too many.
    matcher.add(Self.units.enumerated().filter { $0.element.track == 1 }.map { Self.note(UInt64($0.offset), 1) })
    matcher.readHeader(try #require(chunks.first), tracks: SmallClip.tracks)
    var found: [UInt64] = []
    for chunk in chunks.dropFirst() { matcher.match(chunk) { note, _ in found.append(note.position) } }
    #expect(found == Self.units.indices.filter { Self.units[$0].track == 1 }.map { UInt64($0) })
    #expect(matcher.strangeBlocks == 25)
  }
}
