import Foundation
import GRDB
import Model
import Testing

@testable import Archive

@Suite("The archive's index")
struct ArchiveIndexTests {
  private static let other = StreamName("live/cam2") ?? Bench.name

  private static func withIndex(_ body: (ArchiveIndex, String) async throws -> Void) async throws {
    let folder = try Bench.temporary()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let index = try ArchiveIndex(path: folder + "/index.sqlite")
    try await body(index, folder + "/index.sqlite")
    index.close()
  }

  /// A record of second `sequence` of a stream.
  static func record(_ sequence: Int64, _ name: StreamName = Bench.name, previous: String = SegmentRecord.zeroHash) -> SegmentRecord {
    let id = ArchiveFiles.id(of: name)
    let start = BootTime(nanoseconds: sequence * 1_000_000_000)
    let wall = WallTime(nanoseconds: 1_700_000_000_000_000_000 + sequence * 1_000_000_000)
    return SegmentRecord(
      stream: name, id: id, sequence: sequence, session: "s1", file: SegmentName(stream: id, number: sequence).path, boot: "boot-1", start: start,
      end: start + .milliseconds(960), startWall: wall, endWall: WallTime(nanoseconds: wall.nanoseconds + 960_000_000), uncertainty: nil, frames: 25,
      units: 35, bytes: 5000, payloadBytes: 4000, codecs: [.h264, .aac], startsWithKey: true, isRecovered: false,
      sha256: String(repeating: "a", count: 64), previous: previous)
  }

  private static func gap(_ from: Int64, _ to: Int64) -> ArchiveGap {
    ArchiveGap(
      stream: Bench.name, session: "s1", boot: "boot-1", from: BootTime(nanoseconds: from), to: BootTime(nanoseconds: to),
      fromWall: WallTime(nanoseconds: from), toWall: WallTime(nanoseconds: to), cause: .disk, event: .diskRefused)
  }

  private static func batch(_ records: [SegmentRecord], gaps: [ArchiveGap] = []) -> ArchiveIndex.Batch {
    var batch = ArchiveIndex.Batch()
    batch.segments = records.map { record in
      var cut = SpoolCut(run: 5)
      cut.advance(0, past: UInt64(record.sequence) * 35 - 1)
      return (record, cut)
    }
    batch.gaps = gaps
    return batch
  }

  @Test("A commit moves chain, totals and cuts together")
  func commit() async throws {
    try await Self.withIndex { index, _ in
      #expect(try index.chainEnd(Bench.id) == (0, SegmentRecord.zeroHash))
      let first = Self.record(1)
      let second = Self.record(2, previous: first.hash)
      try index.commit(Self.batch([first, second], gaps: [Self.gap(1, 2)]))
      #expect(try index.chainEnd(Bench.id) == (2, second.hash))
      #expect(try index.files(Bench.id) == ["00000001.mkv", "00000002.mkv"])
      #expect(try index.streams() == [Bench.id: Bench.name])
      #expect(try index.cut(stream: Bench.id, run: 5).next == [0: 70])
      #expect(try index.cut(stream: Bench.id, run: 6).next == [:])
      #expect(try index.cutRuns() == ["5"])
      let totals = try #require(try await index.totals().first)
      #expect(totals.segments == 2)
      #expect(totals.frames == 50)
      #expect(totals.units == 70)
      #expect(totals.bytes == 10_000)
      #expect(totals.payloadBytes == 8000)
      #expect(totals.gaps == 1)
      try index.forgetCuts(["5", "9"])
      #expect(try index.cutRuns() == [])
    }
  }

  @Test("A commit that is refused leaves nothing of itself")
  func rollback() async throws {
    try await Self.withIndex { index, _ in
      let first = Self.record(1)
      try index.commit(Self.batch([first]))
      // The second of these is there already.
      #expect(throws: Fault.self) { try index.commit(Self.batch([Self.record(2, previous: first.hash), first], gaps: [Self.gap(1, 2)])) }
      #expect(try index.chainEnd(Bench.id) == (1, first.hash))
      #expect(try index.files(Bench.id) == ["00000001.mkv"])
      #expect(try await index.totals().first?.gaps == 0)
    }
  }

  @Test("Segments and gaps are found by the time that they overlap")
  func times() async throws {
    try await Self.withIndex { index, _ in
      var previous = SegmentRecord.zeroHash
      for sequence in 1...5 as ClosedRange<Int64> {
        let record = Self.record(sequence, previous: previous)
        previous = record.hash
        try index.commit(Self.batch([record], gaps: [Self.gap(sequence * 100, sequence * 100 + 50)]))
      }
      try index.commit(Self.batch([Self.record(3, Self.other)]))
      func found(_ from: Int64, _ to: Int64, limit: Int = 10) async throws -> [Int64] {
        let base: Int64 = 1_700_000_000_000_000_000
        return try await index.segments(
          of: Bench.name, from: WallTime(nanoseconds: base + from * 1_000_000), to: WallTime(nanoseconds: base + to * 1_000_000), limit: limit
        ).map(\.sequence)
      }
      #expect(try await found(0, 10_000) == [1, 2, 3, 4, 5])
      #expect(try await found(0, 10_000, limit: 2) == [4, 5], "the newest, for a year has more than any page")
      #expect(try await found(2960, 3000) == [2, 3])
      #expect(try await found(2961, 2999) == [])
      #expect(try await found(3500, 3500) == [3])
      let all = (WallTime(nanoseconds: .min), WallTime(nanoseconds: .max))
      #expect(try await index.segments(of: Self.other, from: all.0, to: all.1, limit: 10).map(\.stream) == [Self.other])
      #expect(
        try await index.gaps(of: Bench.name, from: WallTime(nanoseconds: 250), to: WallTime(nanoseconds: 300), limit: 10) == [
          Self.gap(200, 250), Self.gap(300, 350),
        ])
      #expect(
        try await index.gaps(of: Bench.name, from: all.0, to: all.1, limit: 2) == [Self.gap(400, 450), Self.gap(500, 550)])
      #expect(try await index.gaps(of: Self.other, from: all.0, to: all.1, limit: 10).isEmpty)
    }
  }

  @Test("A stream is registered once, whatever is recorded of it later")
  func registration() async throws {
    try await Self.withIndex { index, path in
      try index.register([Bench.name, Self.other])
      try index.commit(Self.batch([Self.record(1)]))
      try index.register([Bench.name])
      #expect(try index.streams().count == 2)
      #expect(try index.chainEnd(Bench.id).sequence == 1)
      // Two names with one folder: refused, for it would mix their segments.
      let queue = try DatabaseQueue(path: path)
      try await queue.write { try $0.execute(sql: "UPDATE stream SET name = 'live/else' WHERE id = ?", arguments: [Bench.id]) }
      try queue.close()
      #expect(throws: Fault.self) { try index.register([Bench.name]) }
    }
  }

  @Test("Opened again it knows what was committed; what is no index is said to be broken, and left as it is")
  func reopening() async throws {
    let folder = try Bench.temporary()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/index.sqlite"
    let index = try ArchiveIndex(path: path)
    try index.commit(Self.batch([Self.record(1)]))
    index.close()
    let again = try ArchiveIndex(path: path)
    #expect(try again.chainEnd(Bench.id).sequence == 1)
    again.close()
    let noise = Data((0..<9000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
    let broken = folder + "/broken.sqlite"
    try noise.write(to: URL(fileURLWithPath: broken))
    #expect { try ArchiveIndex(path: broken) } throws: { ($0 as? Fault)?.code == .archiveBroken }
    #expect(try Data(contentsOf: URL(fileURLWithPath: broken)) == noise)
    #expect { try ArchiveIndex(path: folder + "/nothing/index.sqlite") } throws: { ($0 as? Fault)?.code == .diskFailed }
  }

  // MARK: Copies

  @Test("A copy is of one moment, whatever the relay commits meanwhile")
  func copyBesideWriter() async throws {
    try await Self.withIndex { index, path in
      var previous = SegmentRecord.zeroHash
      for sequence in 1...200 as ClosedRange<Int64> {
        let record = Self.record(sequence, previous: previous)
        previous = record.hash
        try index.commit(Self.batch([record]))
        guard sequence % 9 == 0 else { continue }
        let copy = try IndexCopy(of: path)
        let stream = try #require(try copy.streams().first)
        #expect(stream.segments == sequence)
        #expect(stream.lastSequence == sequence)
        #expect(stream.lastHash == previous)
        #expect(try copy.count(Bench.id, after: 0) == Int(sequence))
        #expect(try copy.hash(Bench.id, sequence) == previous)
        #expect(try copy.rows(Bench.id, after: sequence - 2, limit: 10).map(\.sequence) == [sequence - 1, sequence])
        #expect(try copy.hash(Bench.id, sequence + 1) == nil)
      }
    }
  }

  // MARK: Records

  @Test("A record comes back from its text; one with a member less, or of another type, is none")
  func records() throws {
    var record = Self.record(7)
    record.uncertainty = .milliseconds(3)
    let json = record.json
    #expect(SegmentRecord(try JSON(parsing: json.text)) == record)
    #expect(SegmentRecord.hash(of: json.text) == record.hash)
    let members = try #require(json.objectValue)
    for key in members.keys where key != "uncertaintyNs" {
      var less = members
      less[key] = nil
      #expect(SegmentRecord(.object(less)) == nil, "without \(key)")
      var other = members
      other[key] = [1]
      #expect(SegmentRecord(.object(other)) == nil || key == "codecs", "\(key) of another type")
    }
    var newer = members
    newer["format"] = 2
    #expect(SegmentRecord(.object(newer)) == nil)
    #expect(SegmentRecord(nil) == nil)
  }
}
