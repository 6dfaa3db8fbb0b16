import Glibc
import Model
import Synchronization
import Testing

@testable import Journal

@Suite("The folder's lock and its torn bytes")
struct FolderTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test("Whoever comes second is refused until the first lets go")
  func lock() throws {
    let path = folder.path + "/lock"
    let first = try FolderLock(path)
    #expect { try FolderLock(path) } throws: { ($0 as? Fault)?.code == .dataFolderInUse }
    first.release()
    first.release()
    let second = try FolderLock(path)
    second.release()
    #expect { try FolderLock(folder.path + "/nothing/lock") } throws: { ($0 as? Fault)?.code == .diskFailed }
  }

  @Test("Torn bytes are kept under a name of their own each time, then cut off")
  func tornBytes() throws {
    let path = folder.path + "/file"
    for round in 1...3 {
      try write(Array("good\nbad\(round)".utf8), to: path)
      try TornBytes.setAside(Array("bad\(round)".utf8), of: "file", at: 5, folder.path)
      #expect(try bytes(of: path) == Array("good\n".utf8))
      #expect(try bytes(of: folder.path + "/quarantine/file-5-\(round)") == Array("bad\(round)".utf8))
    }
  }

  @Test("A file that refuses in the middle of an append ends where it ended before", arguments: [0, 1, 5, 9])
  func appending(_ partial: Int) throws {
    let disk = FailingDisk()
    var file = try AppendFile(folder.path + "/file", create: true, disk: disk)
    try file.append(Array("first\n".utf8))
    disk.plan.withLock { $0 = FailingDisk.Plan(writeError: ENOSPC, partial: partial, truncateError: EIO) }
    for _ in 0..<2 {
      do throws(Fault) {
        try file.append(Array("refused!!".utf8))
        Issue.record("the disk took it")
      } catch { #expect(error.code == .diskFull || error.code == .diskFailed) }
    }
    #expect(file.size == 6)
    disk.plan.withLock { $0 = FailingDisk.Plan() }
    try file.append(Array("second\n".utf8))
    #expect(try text(bytes(of: folder.path + "/file")) == "first\nsecond\n")
    #expect(throws: Fault.self) { _ = try AppendFile(self.folder.path + "/file", create: true, disk: disk) }
  }

  @Test("A file keeps blocks ahead of its end without growing, asks for more when half are used, and gives them back")
  func room() throws {
    let path = folder.path + "/ahead"
    let disk = FailingDisk()
    var file = try AppendFile(path, create: true, disk: disk)
    func status() -> stat {
      var status = stat()
      stat(path, &status)
      return status
    }
    let ahead: Int64 = 1 << 20
    var isKept = file.keepRoom(ahead)
    #expect(isKept)
    #expect(status().st_size == 0 && status().st_blocks * 512 >= Int(ahead))
    disk.plan.withLock { $0.isFull = true }
    try file.append([UInt8](repeating: 1, count: 400_000))
    isKept = file.keepRoom(ahead)
    #expect(isKept, "more than half is left")
    try file.append([UInt8](repeating: 1, count: 200_000))
    isKept = file.keepRoom(ahead)
    #expect(!isKept)
    disk.plan.withLock { $0.isFull = false }
    isKept = file.keepRoom(ahead)
    #expect(isKept)
    #expect(status().st_size == 600_000 && status().st_blocks * 512 >= 600_000 + Int(ahead))
    file.releaseRoom()
    #expect(status().st_size == 600_000 && status().st_blocks * 512 < 700_000)
  }
}
