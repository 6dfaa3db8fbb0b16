import Crypto
import Foundation
import Glibc
import Model
import NIOCore
import Testing

@testable import Archive

@Suite("Segments on the disk")
struct DiskSegmentStoreTests {
  private static let name = SegmentName(stream: "2d9194c28c5473ae", number: 1)
  /// What is appended, one list a call.
  private static let parts: [[[UInt8]]] = [
    [Array(repeating: 1, count: 100)], [Array(repeating: 2, count: 50), Array(repeating: 3, count: 7)], [[4, 5]],
  ]

  private static func withFolder(_ body: (String) throws -> Void) throws {
    let folder = try Bench.temporary()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder + "/archive")
  }

  /// Does something until it is not refused.
  private static func insist<R>(_ body: () throws -> R) throws -> R {
    for _ in 0..<20 { if let result = try? body() { return result } }
    return try body()
  }

  @Test("The order is: bytes, fsync, rename, fsync of the folder")
  func order() throws {
    try Self.withFolder { folder in
      let disk = FaultyDisk()
      let store = DiskSegmentStore(folder: folder, disk: disk)
      let file = try store.open(Self.name)
      for part in Self.parts { try file.append(part.map { ByteBuffer(bytes: $0) }) }
      try file.commit()
      try store.syncNames(of: Self.name.stream)
      #expect(disk.calls == ["create", "write", "write", "write", "write", "sync", "rename", "syncFolder"])
    }
  }

  @Test("Whichever call is refused, and however often, a segment holds what was not refused, whole and in order", arguments: [ENOSPC, EIO])
  func everyCall(_ number: Int32) throws {
    for first in 1...9 {
      for count in 1...4 {
        for insists in [true, false] { try Self.run(refusing: first...(first + count - 1), number, insists: insists) }
      }
    }
  }

  /// - Parameter insists: whether a refused append is tried again, as recovery does, or given up, as a live stream does.
  private static func run(refusing refused: ClosedRange<Int>, _ number: Int32, insists: Bool) throws {
    try withFolder { folder in
      let disk = FaultyDisk(refusing: refused, with: number)
      let store = DiskSegmentStore(folder: folder, disk: disk)
      let file = try insist { try store.open(name) }
      var expected: [UInt8] = []
      for part in parts {
        let buffers = part.map { ByteBuffer(bytes: $0) }
        if insists {
          try insist { try file.append(buffers) }
          expected += part.joined()
        } else if (try? file.append(buffers)) != nil {
          expected += part.joined()
        }
        #expect(file.bytes == Int64(expected.count), "\(refused) \(disk.calls)")
      }
      try insist { try file.commit() }
      try insist { try store.syncNames(of: name.stream) }
      #expect(try store.readWhole(name.path) == expected, "\(refused) \(disk.calls)")
      #expect(file.sha256 == Hex.encode(SHA256.hash(data: expected)))
      #expect(try store.list(name.stream) == ["00000001.mkv"], "\(refused)")
      // Nothing is trusted that a refused fsync may have lost: the bytes were written again after it.
      if let sync = disk.calls.firstIndex(of: "sync"), refused.contains(sync + 1) {
        #expect(disk.calls[sync...].dropFirst().prefix { $0 != "rename" }.contains("create"), "\(refused) \(disk.calls)")
      }
    }
  }

  @Test("After a failed fsync another file takes the segment's place")
  func failedSync() throws {
    try Self.withFolder { folder in
      let store = DiskSegmentStore(folder: folder, disk: FaultyDisk(refusing: 3...3))
      let file = try store.open(Self.name)
      try file.append([ByteBuffer(bytes: [1, 2, 3])])
      func inode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: folder + "/" + path)[.systemFileNumber] as? Int
      }
      let before = try inode(Self.name.openPath)
      #expect(throws: Fault.self) { try file.commit() }
      #expect(!file.isCommitted)
      try file.commit()
      #expect(try inode(Self.name.path) != before)
      #expect(try store.readWhole(Self.name.path) == [1, 2, 3])
    }
  }

  @Test("Someone who cut the file behind our back is found before it gets its name")
  func cutBehindOurBack() throws {
    try Self.withFolder { folder in
      let store = DiskSegmentStore(folder: folder, disk: FaultyDisk(refusing: 3...3))
      let file = try store.open(Self.name)
      try file.append([ByteBuffer(bytes: Array(repeating: 7, count: 100))])
      #expect(throws: Fault.self) { try file.commit() }
      truncate(folder + "/" + Self.name.openPath, 50)
      #expect { try file.commit() } throws: { ($0 as? Fault)?.code == .segmentChanged }
      #expect(try store.info(Self.name.path) == nil)
    }
  }

  @Test(
    "A path that leads out of the archive leads nowhere",
    arguments: ["../secret", "a/../../secret", "/etc/passwd", "a//b", ".", "", "a/./b", "a\0b", "2d9194c28c5473ae/../../secret"])
  func hostilePaths(_ path: String) throws {
    try Self.withFolder { folder in
      try Disk.makeFolder(folder + "/2d9194c28c5473ae")
      let secret = Disk.parent(of: folder) + "/secret"
      try Data([1]).write(to: URL(fileURLWithPath: secret))
      let store = DiskSegmentStore(folder: folder)
      #expect(try store.read(path, 0..<10) == nil)
      #expect(try store.info(path) == nil)
      #expect(throws: Fault.self) { try store.remove(path) }
      #expect(throws: Fault.self) { try store.quarantine(path) }
      #expect(throws: Fault.self) { try store.syncNames(of: path) }
      #expect(FileManager.default.fileExists(atPath: secret))
    }
  }

  @Test("Free space is a share of the whole")
  func space() throws {
    try Self.withFolder { folder in
      try Disk.makeFolder(folder)
      let free = try #require(DiskSegmentStore(folder: folder).freePermille())
      #expect((0...1000).contains(free))
      #expect(DiskSegmentStore(folder: folder + "/nothing").freePermille() == nil)
    }
  }
}
