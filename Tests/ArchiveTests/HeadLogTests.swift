import Foundation
import Glibc
import Journal
import Model
import Testing

@testable import Archive

@Suite("Signed heads of the archive")
struct HeadLogTests {
  private static func withLog(_ disk: any ArchiveDisk = KernelArchiveDisk(), _ body: (HeadLog, String, NodeIdentity) throws -> Void) throws {
    let folder = try Bench.temporary()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let identity = try NodeIdentity.temporary()
    try body(HeadLog(folder: folder, node: "county", identity: identity, disk: disk), folder + "/heads.jsonl", identity)
  }

  private static func heads(_ path: String) throws -> [ChainHead] {
    var heads: [ChainHead] = []
    guard let reader = try HeadReader(path) else { return [] }
    while let line = try reader.next() {
      #expect(!line.isTorn && line.number == heads.count + 1)
      heads.append(try #require(ChainHead(line: line.bytes)))
    }
    return heads
  }

  private static let reading = ManualClock().reading()

  @Test("Each chain that grew is signed once, at its newest end")
  func signing() throws {
    try Self.withLog { log, path, identity in
      try log.sign(at: Self.reading, boot: "b")
      #expect(try HeadReader(path) == nil, "nothing grew, nothing is written")
      let hash = String(repeating: "a", count: 64)
      log.advanced("bb", sequence: 1, hash: String(repeating: "0", count: 64))
      log.advanced("bb", sequence: 2, hash: hash)
      log.advanced("aa", sequence: 7, hash: hash)
      for _ in 0..<2 { try log.sign(at: Self.reading, boot: "b") }
      let heads = try Self.heads(path)
      #expect(heads.map(\.chain) == ["archive/aa", "archive/bb"])
      #expect(heads.map(\.sequence) == [7, 2])
      #expect(heads.allSatisfy { $0.isValid && $0.key == identity.publicKey && $0.hash == hash })
    }
  }

  @Test("A line that a killed process left half written is cut off before the next one", arguments: [1, 30, 5000])
  func tornTail(_ kept: Int) throws {
    try Self.withLog { log, path, _ in
      log.advanced("aa", sequence: 1, hash: String(repeating: "a", count: 64))
      try log.sign(at: Self.reading, boot: "b")
      let whole = try #require(try Disk.read(path))
      try Data(whole + [UInt8](repeating: 0x7B, count: kept)).write(to: URL(fileURLWithPath: path))
      let identity = try NodeIdentity.temporary()
      let later = HeadLog(folder: Disk.parent(of: path), node: "county", identity: identity)
      later.advanced("aa", sequence: 2, hash: String(repeating: "b", count: 64))
      try later.sign(at: Self.reading, boot: "b")
      #expect(try Self.heads(path).map(\.sequence) == [1, 2])
      #expect(try #require(try Disk.read(path)).starts(with: whole))
    }
  }

  @Test("What the disk refuses is cut off again and signed with the next attempt", arguments: [1, 2])
  func refusal(_ call: Int) throws {
    try Self.withLog(FaultyDisk(refusing: call...call, with: ENOSPC)) { log, path, _ in
      log.advanced("aa", sequence: 3, hash: String(repeating: "a", count: 64))
      #expect { try log.sign(at: Self.reading, boot: "b") } throws: { ($0 as? Fault)?.code == .diskFull }
      #expect(try Disk.read(path) == [])
      try log.sign(at: Self.reading, boot: "b")
      #expect(try Self.heads(path).map(\.sequence) == [3])
    }
  }

  @Test("Lines of any length are read, the last one also without its end")
  func reading() throws {
    try Self.withLog { _, path, _ in
      try Data(Array("a\n\n".utf8) + [UInt8](repeating: 0x62, count: 100_000) + [10] + Array("torn".utf8)).write(to: URL(fileURLWithPath: path))
      let reader = try #require(try HeadReader(path))
      var lines: [(Int, Int, Bool)] = []
      while let line = try reader.next() { lines.append((line.number, line.bytes.count, line.isTorn)) }
      #expect(lines.map(\.0) == [1, 2, 3, 4])
      #expect(lines.map(\.1) == [2, 1, 100_001, 4])
      #expect(lines.map(\.2) == [false, false, false, true])
    }
  }
}
