import Foundation
import Logging
import Model
import Testing

@testable import Archive

@Suite("The pool of spool files")
struct SpoolPoolTests {
  private static func withPool(bytes: Int = 64 << 10, serial: UInt64 = 0, _ body: (SpoolPool, String) async throws -> Void) async throws {
    let folder = try Bench.temporary()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(
      SpoolPool(folder: folder, fileBytes: bytes, serial: serial, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }), folder)
  }

  @Test("It keeps a few files ready, more while many are in use, and reuses what comes back")
  func keeping() async throws {
    try await Self.withPool { pool, folder in
      #expect(pool.acquire() == nil, "nothing is ready yet")
      pool.prepare()
      #expect(try Disk.entries(folder).count == 4)
      var used: [SpoolFile] = []
      for _ in 0..<40 {
        pool.prepare()
        used.append(try #require(pool.acquire()))
      }
      #expect(Set(used.map(\.path)).count == 40)
      pool.prepare()
      #expect(try Disk.entries(folder).count == 40 + 4 + 40 / 16)
      pool.release(used)
      pool.settle()
      #expect(try Disk.entries(folder).count <= 40 + 6, "nothing was made for what came back")
      #expect(used.allSatisfy { $0.bytes.prefix(8).allSatisfy { $0 == 0 } }, "what came back is marked free")
      await pool.close()
      #expect(try Disk.entries(folder) == [])
      #expect(pool.acquire() == nil)
    }
  }

  @Test("Files of another size are removed when they come back; numbers go on after those that were found")
  func otherSize() async throws {
    try await Self.withPool(bytes: 100_000, serial: 0xFF) { pool, folder in
      pool.prepare()
      #expect(try Disk.entries(folder).first == "00000100.spool")
      let foreign = try SpoolFile(creating: folder + "/00000001.spool", bytes: 70_000)
      pool.adopt(1)
      pool.release([foreign])
      pool.settle()
      #expect(try !Disk.entries(folder).contains("00000001.spool"))
      #expect(pool.acquire()?.capacity == 100_000)
      for (name, serial) in [
        ("00000001.spool", 1), ("ffffffff.spool", 0xFFFF_FFFF), ("0000000g.spool", nil), ("1.spool", nil), ("00000001.mkv", nil),
      ]
        as [(String, UInt64?)]
      {
        #expect(SpoolPool.serial(of: name) == serial, "\(name)")
      }
    }
  }

  @Test("A folder that refuses gives no file and no trap; once it does not, files come again")
  func refusal() async throws {
    try await Self.withPool { pool, folder in
      try FileManager.default.removeItem(atPath: folder)
      pool.prepare()
      #expect(pool.acquire() == nil)
      try Disk.makeFolder(folder)
      pool.prepare()
      #expect(pool.acquire() != nil)
    }
  }

  @Test("A file that is too small or too large to be a spool is none")
  func sizes() throws {
    let folder = try Bench.temporary()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (bytes, isOne) in [(0, false), (SpoolLayout.headerBytes - 1, false), (SpoolLayout.headerBytes, true)] {
      try Data(count: bytes).write(to: URL(fileURLWithPath: folder + "/x"))
      #expect((try SpoolFile(opening: folder + "/x") != nil) == isOne)
    }
    #expect(throws: Fault.self) { _ = try SpoolFile(opening: folder + "/nothing") }
    #expect(throws: Fault.self) { _ = try SpoolFile(creating: folder + "/x", bytes: 8192) }
  }
}
