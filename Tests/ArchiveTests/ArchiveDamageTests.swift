import FirstFrameTesting
import Foundation
import GRDB
import Journal
import Model
import Testing

@testable import Archive

/// Damages the archive that version 0.1 wrote, in every way that we could think of, and asks each time whether the check says so.
@Suite("An archive that someone changed")
struct ArchiveDamageTests {
  /// The folder with its index in one file, as a node leaves it that stopped; `body` gets the folder `DATA/archive`.
  private static func withArchive(_ body: (Unpacked, String) throws -> Void) async throws {
    let folder = try await Unpacked(version: "0.1")
    defer { folder.remove() }
    let archive = folder.data + "/archive"
    let queue = try DatabaseQueue(path: archive + "/index.sqlite")
    _ = try queue.writeWithoutTransaction { try Row.fetchAll($0, sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
    try queue.close()
    for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: archive + "/index.sqlite" + suffix) }
    try #require(ArchiveCheck.check(dataFolder: folder.data).isGood)
    try body(folder, archive)
  }

  private static func edit(_ path: String, _ body: (inout [UInt8]) -> Void) throws {
    var bytes = try #require(try Disk.read(path))
    body(&bytes)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  @Test("Any flipped bit of any acknowledged segment is found, in that segment")
  func segmentFlips() async throws {
    try await Self.withArchive { folder, archive in
      var random = Mutator(seed: 4)
      for round in 0..<60 {
        let number = round % 4 + 1
        let path = "\(archive)/\(Bench.id)/0000000\(number).mkv"
        let good = try #require(try Disk.read(path))
        try Self.edit(path) { $0[Int.random(in: 0..<$0.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
        let report = ArchiveCheck.check(dataFolder: folder.data)
        #expect(report.problems.map(\.segment) == [Int64(number)])
        #expect(report.problems.map(\.fault.code) == [.segmentChanged])
        try Data(good).write(to: URL(fileURLWithPath: path))
      }
    }
  }

  @Test("Cut, lengthened, emptied, exchanged and missing segments are found")
  func segmentFiles() async throws {
    try await Self.withArchive { folder, archive in
      let (first, second) = ("\(archive)/\(Bench.id)/00000001.mkv", "\(archive)/\(Bench.id)/00000002.mkv")
      let good = (try #require(try Disk.read(first)), try #require(try Disk.read(second)))
      func check(_ what: String, _ segments: [Int64], _ code: FaultCode, _ damage: () throws -> Void) throws {
        try damage()
        let problems = ArchiveCheck.check(dataFolder: folder.data).problems
        #expect(problems.map(\.segment) == segments, "\(what)")
        #expect(problems.allSatisfy { $0.fault.code == code }, "\(what)")
        try Data(good.0).write(to: URL(fileURLWithPath: first))
        try Data(good.1).write(to: URL(fileURLWithPath: second))
      }
      try check("cut", [1], .segmentChanged) { try Self.edit(first) { $0.removeLast() } }
      try check("lengthened", [1], .segmentChanged) { try Self.edit(first) { $0.append(0) } }
      try check("emptied", [2], .segmentChanged) { try Self.edit(second) { $0 = [] } }
      try check("exchanged", [1, 2], .segmentChanged) {
        try Data(good.1).write(to: URL(fileURLWithPath: first))
        try Data(good.0).write(to: URL(fileURLWithPath: second))
      }
      try check("missing", [1, 2], .segmentMissing) {
        try FileManager.default.removeItem(atPath: first)
        try FileManager.default.removeItem(atPath: second)
      }
      #expect(ArchiveCheck.check(dataFolder: folder.data).isGood)
    }
  }

  @Test(
    "Any change of a segment's row is found, in that segment",
    arguments: [
      "file = 'x' || file", "sha256 = replace(sha256, substr(sha256, 1, 1), 'x')", "hash = substr(hash, 2) || '0'", "record = record || ' '",
      "record = replace(record, '\"units\":140', '\"units\":141')", "record = replace(record, 'live/cam1', 'live/cam2')", "record = '{}'",
      "record = ''", "record = replace(record, '\"recovered\":false', '\"recovered\":true')", "seq = 7",
      "record = replace(record, '\"previous\":\"', '\"previous\":\"0')",
    ])
  func rows(_ change: String) async throws {
    try await Self.withArchive { folder, archive in
      let queue = try DatabaseQueue(path: archive + "/index.sqlite")
      try queue.write { try $0.execute(sql: "UPDATE segment SET \(change) WHERE seq = 2") }
      try queue.close()
      let report = ArchiveCheck.check(dataFolder: folder.data)
      #expect(report.exitCode == 1)
      #expect(report.problems.contains { $0.fault.code == .archiveBroken && [2, 3, 7].contains($0.segment ?? 0) }, "\(report.problems)")
    }
  }

  @Test(
    "Rows that were taken out, put in or given to another stream are found",
    arguments: [
      "DELETE FROM segment WHERE seq = 1", "DELETE FROM segment WHERE seq = 4", "DELETE FROM segment",
      "DELETE FROM segment WHERE seq = 4; UPDATE stream SET segments = 3, lastSeq = 3", "UPDATE stream SET segments = segments + 1",
      "UPDATE stream SET lastHash = substr(lastHash, 2) || '0'", "UPDATE stream SET name = 'live/other'",
      "INSERT INTO stream (id, name, segments, lastHash) VALUES ('0000000000000000', 'live/new', 1, '')", "DROP TABLE segment", "DROP TABLE stream",
      "DROP TABLE gap",
    ])
  func tables(_ sql: String) async throws {
    try await Self.withArchive { folder, archive in
      var configuration = Configuration()
      configuration.foreignKeysEnabled = false
      let queue = try DatabaseQueue(path: archive + "/index.sqlite", configuration: configuration)
      try queue.write { try $0.execute(sql: sql) }
      try queue.close()
      #expect(ArchiveCheck.check(dataFolder: folder.data).exitCode == 1)
    }
  }

  @Test("Rows that were swapped with their files and their numbers are found by the chain")
  func swapped() async throws {
    try await Self.withArchive { folder, archive in
      let queue = try DatabaseQueue(path: archive + "/index.sqlite")
      try queue.write { db in
        try db.execute(sql: "UPDATE segment SET seq = 90 + seq WHERE seq IN (2, 3)")
        try db.execute(sql: "UPDATE segment SET seq = CASE seq WHEN 92 THEN 3 ELSE 2 END WHERE seq > 90")
      }
      try queue.close()
      let problems = ArchiveCheck.check(dataFolder: folder.data).problems
      #expect(Set(problems.compactMap(\.segment)).isSuperset(of: [2, 3]))
    }
  }

  @Test("An index that was cut, or spoilt in any of its pages, is never taken for another good one")
  func indexPages() async throws {
    try await Self.withArchive { folder, archive in
      let path = archive + "/index.sqlite"
      let good = try #require(try Disk.read(path))
      let report = ArchiveCheck.check(dataFolder: folder.data)
      var found = 0
      func check(_ what: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let damaged = ArchiveCheck.check(dataFolder: folder.data)
        if damaged.isGood { #expect(damaged == report, "\(what)") } else { found += 1 }
      }
      for length in stride(from: 0, to: good.count, by: 1500) { try check("cut to \(length)", Array(good.prefix(length))) }
      #expect(found == (good.count + 1499) / 1500, "every cut is found")
      found = 0
      var random = Mutator(seed: 12)
      for page in 0..<good.count / 4096 {
        var bytes = good
        for index in page * 4096..<page * 4096 + 4096 { bytes[index] = UInt8.random(in: 0...255, using: &random) }
        try check("noise in page \(page)", bytes)
        bytes = good
        for _ in 0..<8 { bytes[page * 4096 + Int.random(in: 0..<4096, using: &random)] ^= 0x10 }
        try check("flips in page \(page)", bytes)
      }
      #expect(found > good.count / 4096)
    }
  }

  @Test("Any flipped bit of a signed head is found")
  func headFlips() async throws {
    try await Self.withArchive { folder, archive in
      let path = archive + "/heads.jsonl"
      let good = try #require(try Disk.read(path))
      for bit in stride(from: 3, to: good.count * 8, by: 29) {
        try Self.edit(path) { $0[bit / 8] ^= 1 << UInt8(bit % 8) }
        let report = ArchiveCheck.check(dataFolder: folder.data)
        #expect(!report.isGood, "bit \(bit)")
        #expect(report.problems.allSatisfy { $0.file == "heads.jsonl" }, "bit \(bit)")
        try Data(good).write(to: URL(fileURLWithPath: path))
      }
      try Self.edit(path) { $0.removeLast() }
      #expect(ArchiveCheck.check(dataFolder: folder.data).problems.map(\.fault.detail) == ["line 1 is torn"])
    }
  }

  @Test("Without heads nothing is sealed, which is said and is no damage; a head of another node's key is")
  func noHeads() async throws {
    try await Self.withArchive { folder, archive in
      try FileManager.default.removeItem(atPath: archive + "/heads.jsonl")
      let report = ArchiveCheck.check(dataFolder: folder.data)
      #expect(report.isGood)
      #expect(report.unsealed == 4)
      let hash = try #require(
        try DatabaseQueue(path: archive + "/index.sqlite").read { try String.fetchOne($0, sql: "SELECT hash FROM segment WHERE seq = 4") })
      for (identity, isGood) in [(try NodeIdentity.load(dataFolder: folder.data), true), (try NodeIdentity.temporary(), false)] {
        let head = try ChainHead.sign(
          chain: HeadLog.chain(Bench.id), node: "county", boot: "b", sequence: 4, hash: hash, bootTime: BootTime(nanoseconds: 1),
          wall: WallTime(nanoseconds: 1), by: identity)
        try Data(head.line).write(to: URL(fileURLWithPath: archive + "/heads.jsonl"))
        let signed = ArchiveCheck.check(dataFolder: folder.data)
        #expect(signed.isGood == isGood)
        #expect(signed.unsealed == (isGood ? 0 : 4))
      }
    }
  }

  @Test("A file that no row explains is named, wherever it lies")
  func unknownFiles() async throws {
    try await Self.withArchive { folder, archive in
      let strange = [
        "stray.mkv", "\(Bench.id)/notes.txt", "\(Bench.id)/00000002.mkv.part", "0123456789abcdef/00000001.mkv", "\(Bench.id)/00000009.mkv",
      ]
      try Disk.makeFolder(archive + "/0123456789abcdef")
      for file in strange { try Data([1]).write(to: URL(fileURLWithPath: archive + "/" + file)) }
      // A segment that is being written is none.
      try Data([1]).write(to: URL(fileURLWithPath: archive + "/\(Bench.id)/00000006.mkv.part"))
      let report = ArchiveCheck.check(dataFolder: folder.data)
      #expect(Set(report.problems.map(\.file)) == Set(strange))
      #expect(report.problems.allSatisfy { $0.fault.code == .archiveBroken })
      #expect(report.open == 2)
    }
  }

  @Test("A row that names a file outside of the archive is a missing segment, and that file is not read")
  func hostileRow() async throws {
    try await Self.withArchive { folder, archive in
      let queue = try DatabaseQueue(path: archive + "/index.sqlite")
      let outside = "../../keys/node.key"
      let record = try #require(try queue.read { try String.fetchOne($0, sql: "SELECT record FROM segment WHERE seq = 4") })
      let forged = record.replacing("\(Bench.id)/00000004.mkv", with: outside)
      try queue.write {
        try $0.execute(
          sql: "UPDATE segment SET file = ?, record = ?, hash = ? WHERE seq = 4", arguments: [outside, forged, SegmentRecord.hash(of: forged)])
      }
      try queue.close()
      let problems = ArchiveCheck.check(dataFolder: folder.data).problems
      #expect(problems.contains { $0.fault.code == .segmentMissing && $0.segment == 4 })
    }
  }
}
