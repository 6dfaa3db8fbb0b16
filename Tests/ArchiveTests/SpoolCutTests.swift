import FirstFrameTesting
import Foundation
import Logging
import Model
import NIOCore
import Testing

@testable import Archive

@Suite("A spool that a crash cut short")
struct SpoolCutTests {
  private static let stream = RecordedStream(
    name: Bench.name, session: "s1", origin: UnitOrigin(node: "county", path: Bench.name), tracks: SmallClip.tracks)

  /// What one stream's spool holds: each file's used bytes, and the units in order.
  private struct Written {
    var files: [[UInt8]]
    var units: [RecordedUnit]

    /// - Parameter sizes: of the units' payloads.
    init(_ sizes: [Int], run: UInt64 = 0xABCD) throws {
      let folder = try Bench.temporary()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let pool = SpoolPool(folder: folder, fileBytes: 64 << 10, serial: 0, logger: Logger(label: "test"))
      let chain = SpoolChain(run: run)
      let owner = SpoolWriter.Owner(name: Bench.name, id: Bench.id, node: "county", boot: "boot-1")
      let writer = SpoolWriter(owner: owner, chain: chain, pool: pool, clock: ManualClock(), backlogLimit: 1 << 30)
      units = sizes.enumerated().map { SpoolCutTests.unit($0.offset, bytes: $0.element) }
      pool.prepare()
      writer.append(.described(SpoolCutTests.stream))
      for unit in units {
        writer.append(.unit(unit))
        pool.prepare()
      }
      let finder = try SpoolFinder(folder: folder)
      let found = try (finder.runs.first?.paths ?? []).compactMap { path in
        try SpoolFile(opening: path).map { file in Array(file.bytes[..<((file.bytes.lastIndex { $0 != 0 } ?? 0) + 1)]) }
      }
      files = found.sorted { (Written.index($0) ?? 0) < (Written.index($1) ?? 0) }
    }

    private static func index(_ bytes: [UInt8]) -> UInt64? { bytes.withUnsafeBytes { SpoolHeader($0)?.index } }
  }

  private static func unit(_ number: Int, bytes: Int) -> RecordedUnit {
    let time = BootTime(nanoseconds: Int64(number) * 40_000_000)
    // Payloads that end in something else than zero, so that the used bytes can be told from the empty rest.
    let payload = (0..<bytes).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ number) | 1 }
    let unit = AccessUnit(
      id: AccessUnitID(origin: stream.origin, epoch: 1, number: UInt64(number)), track: UInt8(number % 2),
      pts: MediaTime(value: Int64(number) * 3600, timescale: 90_000), firstArrival: time, arrival: time, flags: number % 25 == 0 ? .key : [],
      payload: ByteBuffer(bytes: payload))
    return RecordedUnit(unit: unit, position: UInt64(number))
  }

  private static func read(_ files: [[UInt8]]) -> SpoolReader.Contents? {
    let copies = files.map { bytes in
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
      copy.copyBytes(from: bytes)
      return UnsafeRawBufferPointer(copy)
    }
    defer { for copy in copies { copy.deallocate() } }
    return SpoolReader.read(copies)
  }

  private static func positions(_ contents: SpoolReader.Contents?) -> [UInt64] {
    contents?.items.compactMap { if case .unit(let unit) = $0 { unit.position } else { nil } } ?? []
  }

  private static func payloads(_ contents: SpoolReader.Contents?) -> [ByteBuffer] {
    contents?.items.compactMap { if case .unit(let unit) = $0 { unit.unit.payload } else { nil } } ?? []
  }

  @Test("Cut at any byte, it gives every unit that is whole, in order, and none other")
  func everyByte() throws {
    let written = try Written([20, 0, 7, 61, 8, 33, 1, 40])
    let whole = try #require(written.files.first)
    #expect(written.files.count == 1)
    #expect(Self.positions(Self.read([whole])) == Array(0..<8))
    var most = 0
    for length in 0...whole.count {
      // A mapped file has its full length; what was not written yet is zero.
      let cut = Array(whole.prefix(length)) + [UInt8](repeating: 0, count: whole.count - length)
      let contents = Self.read([cut])
      let found = Self.positions(contents)
      #expect(found == Array(0..<UInt64(found.count)), "\(length)")
      #expect(found.count >= most, "\(length)")
      #expect(Self.payloads(contents) == written.units.prefix(found.count).map(\.unit.payload), "\(length)")
      #expect(Self.positions(Self.read([Array(whole.prefix(length))])).count <= found.count, "\(length)")
      most = found.count
    }
    #expect(most == 8)
  }

  @Test("A unit that goes over two files is given whole or not at all")
  func overTwoFiles() throws {
    let written = try Written([30_000, 60_000, 50])
    #expect(written.files.count == 2)
    #expect(Self.positions(Self.read(written.files)) == [0, 1, 2])
    #expect(Self.read(written.files)?.hasHole == false)
    #expect(Self.positions(Self.read(written.files.reversed())) == [0, 1, 2], "their order does not count")
    let first = Self.read([written.files[0]])
    #expect(Self.positions(first) == [0])
    #expect(first?.hasHole == true)
    // Of the second file alone: what continues a unit that is not there is left out, the rest is there.
    #expect(Self.positions(Self.read([written.files[1]])) == [2])
    for length in stride(from: 0, to: written.files[1].count, by: 911) {
      let found = Self.positions(Self.read([written.files[0], Array(written.files[1].prefix(length))]))
      #expect(found == Array(0..<UInt64(found.count)), "\(length)")
    }
  }

  @Test("A missing file in the middle takes its own units along and no others")
  func missingFile() throws {
    let written = try Written(Array(repeating: 20_000, count: 14))
    #expect(written.files.count >= 5)
    for missing in written.files.indices {
      var files = written.files
      let gone = Set(Self.positions(Self.read([files.remove(at: missing)])))
      let contents = Self.read(files)
      let found = Self.positions(contents)
      #expect(found == found.sorted())
      #expect(Set(found).isDisjoint(with: gone), "\(missing)")
      // Beside its own, a unit that lies partly in it.
      #expect(found.count >= 14 - gone.count - 2, "\(missing)")
      for (position, payload) in zip(found, Self.payloads(contents)) { #expect(payload == written.units[Int(position)].unit.payload) }
    }
  }

  @Test("Files of another run are not mixed in")
  func twoRuns() throws {
    let old = try Written([10, 20], run: 1)
    let new = try Written([30, 40, 50], run: 2)
    #expect(Self.positions(Self.read(old.files + new.files)) == [0, 1])
    #expect(Self.positions(Self.read(new.files + old.files)) == [0, 1, 2])
  }

  @Test("A record from an earlier use of the file does not pass, even at its old place")
  func recycled() throws {
    let old = try Written([300, 300, 300, 300], run: 1)
    let new = try Written([300], run: 2)
    var bytes = old.files[0]
    bytes.replaceSubrange(..<new.files[0].count, with: new.files[0])
    #expect(Self.positions(Self.read([bytes])) == [0])
  }

  @Test("A flipped bit anywhere in the records loses that record and what follows, never more, and invents nothing")
  func flips() throws {
    let written = try Written([20, 30, 40, 50, 60])
    let whole = written.files[0]
    var random = Mutator(seed: 9)
    for _ in 0..<1500 {
      var bytes = whole
      let at = Int.random(in: SpoolLayout.headerBytes..<bytes.count, using: &random)
      bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      let contents = Self.read([bytes])
      let found = Self.positions(contents)
      #expect(found == Array(0..<UInt64(found.count)))
      #expect(Self.payloads(contents) == written.units.prefix(found.count).map(\.unit.payload))
    }
  }

  // MARK: What is recovered of it

  @Test("Recovery replays the units that are in no committed segment, and ends the stream where it died")
  func replay() throws {
    let contents = try #require(Self.read(try Written([10, 10, 10, 10, 10, 10]).files))
    var cut = SpoolCut(run: contents.header.run)
    cut.advance(0, past: 2)
    cut.advance(1, past: 1)
    let replay = SpoolReplay(contents, committed: cut)
    let positions = replay.items.compactMap { if case .unit(let unit) = $0 { unit.position } else { nil } }
    #expect(positions == [3, 4, 5])
    #expect(replay.units == 3)
    #expect(!replay.hasEnded)
    #expect(replay.lastArrival == BootTime(nanoseconds: 200_000_000))
    guard case .ended(let time)? = replay.items.last else { return #expect(Bool(false), "no end") }
    #expect(time == replay.lastArrival)
  }

  @Test("A stream that had ended before the crash is not ended again, and a spool without units has nothing to replay")
  func endedBefore() {
    let header = SpoolHeader(
      name: Bench.name, id: Bench.id, node: "n", boot: "b", run: 1, index: 1, reading: ManualClock().reading())
    let ended = SpoolReplay(
      SpoolReader.Contents(header: header, items: [.unit(Self.unit(0, bytes: 1)), .ended(BootTime(nanoseconds: 7))], hasHole: false),
      committed: SpoolCut(run: 1))
    #expect(ended.hasEnded)
    #expect(ended.items.count == 2)
    let empty = SpoolReplay(SpoolReader.Contents(header: header, items: [], hasHole: false), committed: SpoolCut(run: 1))
    #expect(empty.units == 0)
    #expect(empty.lastArrival == nil)
    #expect(empty.items.count == 1)
  }

  @Test("How far a run is committed is kept as text, and comes back; what is no such text commits nothing")
  func cutText() {
    var cut = SpoolCut(run: 0xDEAD_BEEF)
    cut.advance(0, past: 41)
    cut.advance(3, past: 0)
    cut.advance(0, past: 7)
    #expect(cut.runText == "deadbeef")
    #expect(cut.text == #"{"0":42,"3":1}"#)
    #expect(SpoolCut(run: 0xDEAD_BEEF, text: cut.text) == cut)
    var later = SpoolCut(run: 0xDEAD_BEEF)
    later.advance(0, past: 99)
    cut.merge(later)
    #expect(cut.next == [0: 100, 3: 1])
    for text in ["", "{}", "[]", #"{"0":-1}"#, #"{"256":1}"#, #"{"a":1}"#, #"{"0":"1"}"#, "{\"0\":1"] {
      #expect(SpoolCut(run: 1, text: text).next.isEmpty, "\(text)")
    }
  }
}
