import Crypto
import Foundation
import Model
import NIOCore
import Testing

@testable import Archive

/// What every ``SegmentStore`` has to do. A new implementation is one more case of ``Kind``.
@Suite("A store of segments")
struct SegmentStoreConformanceTests {
  enum Kind: String, CaseIterable, Sendable { case disk, memory }

  private static let stream = "2d9194c28c5473ae"
  private static let first = SegmentName(stream: stream, number: 1)

  /// Runs a test on an empty store, whose folder is gone afterwards.
  private static func withStore(_ kind: Kind, _ body: (any SegmentStore) throws -> Void) throws {
    let folder = try Bench.temporary()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(kind == .disk ? DiskSegmentStore(folder: folder + "/archive") : MemoryStore())
  }

  private static func bytes(_ count: Int, _ salt: Int = 0) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ salt) } }

  @Test("A segment has its final name only once it is committed, with the bytes that were appended", arguments: Kind.allCases)
  func life(_ kind: Kind) throws {
    try Self.withStore(kind) { store in
      let file = try store.open(Self.first)
      #expect(file.bytes == 0)
      #expect(file.sha256 == Hex.encode(SHA256.hash(data: [UInt8]())))
      var all: [UInt8] = []
      for parts in [[Self.bytes(10), Self.bytes(300, 1)], [], [Self.bytes(70_000, 2)], [[]]] {
        try file.append(parts.map { ByteBuffer(bytes: $0) })
        all += parts.joined()
        #expect(file.bytes == Int64(all.count))
        #expect(file.sha256 == Hex.encode(SHA256.hash(data: all)))
        #expect(try store.list(Self.stream) == ["00000001.mkv.part"])
      }
      #expect(!file.isCommitted)
      #expect(try store.info(Self.first.path) == nil)
      for _ in 0..<2 {
        try file.commit()
        try store.syncNames(of: Self.stream)
        #expect(file.isCommitted)
        #expect(try store.list(Self.stream) == ["00000001.mkv"])
        #expect(try store.readWhole(Self.first.path) == all)
        #expect(try store.info(Self.first.openPath) == nil)
        #expect(file.bytes == Int64(all.count))
      }
      #expect(throws: Fault.self) { try file.append([ByteBuffer(bytes: [1])]) }
      #expect(try store.digest(of: Self.first.path)?.sha256 == file.sha256)
    }
  }

  @Test("Any range gives what there is of it", arguments: Kind.allCases)
  func ranges(_ kind: Kind) throws {
    try Self.withStore(kind) { store in
      let content = Self.bytes(1000)
      let file = try store.open(Self.first)
      try file.append([ByteBuffer(bytes: content)])
      try file.commit()
      for (range, expected) in [(0..<10, 0..<10), (990..<2000, 990..<1000), (1000..<1001, 1000..<1000), (5000..<9000, 1000..<1000), (7..<7, 7..<7)]
        as [(Range<Int64>, Range<Int>)]
      {
        #expect(try store.read(Self.first.path, range) == Array(content[expected]), "\(range)")
      }
      #expect(try store.read(Self.first.path, 0..<Int64.max) == content)
      #expect(try store.read(SegmentName(stream: Self.stream, number: 2).path, 0..<10) == nil)
      #expect(try store.info(Self.first.path)?.bytes == 1000)
      #expect(try store.readWhole("0000000000000000/00000001.mkv") == nil)
      #expect(try store.digest(of: "0000000000000000/00000001.mkv") == nil)
    }
  }

  @Test("A file that is longer than one piece has the digest of all of it", arguments: Kind.allCases)
  func digest(_ kind: Kind) throws {
    try Self.withStore(kind) { store in
      for (number, count) in [0, 1, 1 << 20, 1 << 20 + 1, 5 << 19].enumerated() {
        let name = SegmentName(stream: Self.stream, number: Int64(number + 1))
        let content = [UInt8](repeating: UInt8(number), count: count)
        let file = try store.open(name)
        try file.append([ByteBuffer(bytes: content)])
        try file.commit()
        let found = try #require(try store.digest(of: name.path))
        #expect(found.bytes == Int64(count))
        #expect(found.sha256 == Hex.encode(SHA256.hash(data: content)))
      }
    }
  }

  @Test("A discarded segment leaves nothing, and its name can be used again", arguments: Kind.allCases)
  func discard(_ kind: Kind) throws {
    try Self.withStore(kind) { store in
      let file = try store.open(Self.first)
      try file.append([ByteBuffer(bytes: [1, 2, 3])])
      file.discard()
      #expect(try store.list(Self.stream) == [])
      let again = try store.open(Self.first)
      try again.append([ByteBuffer(bytes: [4])])
      try again.commit()
      #expect(try store.readWhole(Self.first.path) == [4])
    }
  }

  @Test("What a killed process left open is replaced when its name is opened again", arguments: Kind.allCases)
  func reopening(_ kind: Kind) throws {
    try Self.withStore(kind) { store in
      let dead = try store.open(Self.first)
      try dead.append([ByteBuffer(bytes: Self.bytes(5000))])
      let file = try store.open(Self.first)
      try file.append([ByteBuffer(bytes: [9])])
      try file.commit()
      #expect(try store.readWhole(Self.first.path) == [9])
      #expect(try store.list(Self.stream) == ["00000001.mkv"])
    }
  }

  @Test("Streams lie side by side", arguments: Kind.allCases)
  func streams(_ kind: Kind) throws {
    try Self.withStore(kind) { store in
      #expect(try store.list("") == [])
      for (stream, number) in [("bbbbbbbbbbbbbbbb", 2), ("aaaaaaaaaaaaaaaa", 10), ("bbbbbbbbbbbbbbbb", 1)] as [(String, Int64)] {
        let file = try store.open(SegmentName(stream: stream, number: number))
        try file.append([ByteBuffer(bytes: Array(stream.utf8))])
        try file.commit()
      }
      #expect(try store.list("") == ["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"])
      #expect(try store.list("bbbbbbbbbbbbbbbb") == ["00000001.mkv", "00000002.mkv"])
      #expect(try store.list("cccccccccccccccc") == [])
      try store.remove("bbbbbbbbbbbbbbbb/00000001.mkv")
      try store.remove("bbbbbbbbbbbbbbbb/00000001.mkv")
      #expect(try store.list("bbbbbbbbbbbbbbbb") == ["00000002.mkv"])
    }
  }

  @Test("Quarantine keeps every file that was ever moved there", arguments: Kind.allCases)
  func quarantine(_ kind: Kind) throws {
    try Self.withStore(kind) { store in
      var kept: [String: [UInt8]] = [:]
      for round in 0..<3 as Range<UInt8> {
        let file = try store.open(Self.first)
        try file.append([ByteBuffer(bytes: [round])])
        kept[try store.quarantine(Self.first.openPath)] = [round]
        #expect(try store.info(Self.first.openPath) == nil)
      }
      #expect(kept.count == 3)
      #expect(kept.keys.contains("quarantine/\(Self.stream)-00000001.mkv.part"))
      for (path, content) in kept { #expect(try store.readWhole(path) == content) }
      #expect(try store.list("quarantine").count == 3)
      #expect(throws: Fault.self) { try store.quarantine("nothing.mkv") }
    }
  }

  @Test("Names of segments and their paths turn into each other")
  func names() {
    for number in [1, 99_999_999, 100_000_000, Int64.max] {
      let name = SegmentName(stream: Self.stream, number: number)
      #expect(ArchiveFiles.sequence(String(name.path.dropFirst(17)))?.number == number)
      #expect(ArchiveFiles.sequence(String(name.path.dropFirst(17)))?.isPart == false)
      #expect(ArchiveFiles.sequence(String(name.openPath.dropFirst(17)))?.isPart == true)
    }
    for name in ["1.mkv", "00000000.mkv", "-0000001.mkv", "+0000001.mkv", "00000001.mkv.part.part", "00000001.mp4", "99999999999999999999.mkv", ""] {
      #expect(ArchiveFiles.sequence(name) == nil, "\(name)")
    }
    #expect(ArchiveFiles.isID(Self.stream))
    for name in ["2D9194C28C5473AE", "2d9194c28c5473a", "2d9194c28c5473ag", "quarantine"] { #expect(!ArchiveFiles.isID(name), "\(name)") }
  }
}
