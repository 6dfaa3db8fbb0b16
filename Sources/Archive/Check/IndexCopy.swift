internal import FoundationEssentials
internal import GRDB
internal import Glibc
internal import Model

/// A private copy of the index: reading SQLite's WAL in place would write beside it, and evidence is not written to.
struct IndexCopy: ~Copyable {
  struct Stream: Sendable {
    var id: String
    var name: String
    var segments: Int64
    var lastSequence: Int64
    var lastHash: String
  }

  struct Row: Sendable {
    var stream: String
    var sequence: Int64
    var file: String
    var sha256: String
    var hash: String
    var record: String
  }

  private let folder: String
  private let queue: DatabaseQueue

  /// Copies until a copy is whole: a running relay may checkpoint in between.
  init(of path: String) throws(Fault) {
    let folder = temporaryFolder() + "firstframe-check-\(UInt64.random(in: 0 ... .max))"
    var last = Fault(.archiveBroken, path)
    for _ in 0..<3 {
      do throws(Fault) {
        queue = try IndexCopy.open(path, in: folder)
        self.folder = folder
        return
      } catch { last = error }
    }
    try? FileManager.default.removeItem(atPath: folder)
    throw last
  }

  deinit {
    try? queue.close()
    try? FileManager.default.removeItem(atPath: folder)
  }

  private static func open(_ path: String, in folder: String) throws(Fault) -> DatabaseQueue {
    guard access(path, R_OK) == 0 else {
      guard errno == ENOENT else { throw Disk.fault(errno, path) }
      throw Fault(.archiveBroken, "\(path): 没有录像索引,从未录像或已被移走 | no index: nothing was ever recorded here, or it was removed")
    }
    do {
      try? FileManager.default.removeItem(atPath: folder)
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let copy = folder + "/index.sqlite"
      // The log first: what a checkpoint moves from it is then in the file that is copied after it.
      let log = path + "-wal"
      if FileManager.default.fileExists(atPath: log) { try FileManager.default.copyItem(atPath: log, toPath: copy + "-wal") }
      try FileManager.default.copyItem(atPath: path, toPath: copy)
      let queue = try DatabaseQueue(path: copy)
      let verdict = try queue.read { db in try String.fetchAll(db, sql: "PRAGMA quick_check") }
      guard verdict == ["ok"] else { throw Fault(.archiveBroken, "\(path): \(verdict.joined(separator: "; "))") }
      return queue
    } catch { throw ArchiveIndex.fault(error, path) }
  }

  private func read<T>(_ body: (Database) throws -> T) throws(Fault) -> T {
    do { return try queue.read(body) } catch { throw ArchiveIndex.fault(error, "index") }
  }

  func streams() throws(Fault) -> [Stream] {
    try read { db in
      try GRDB.Row.fetchAll(db, sql: "SELECT id, name, segments, lastSeq, lastHash FROM stream ORDER BY name").map {
        Stream(id: $0[0], name: $0[1], segments: $0[2], lastSequence: $0[3], lastHash: $0[4])
      }
    }
  }

  /// The next rows of a stream after a segment's number, at most `limit`.
  func rows(_ id: String, after sequence: Int64, limit: Int) throws(Fault) -> [Row] {
    try read { db in
      try GRDB.Row.fetchAll(
        db, sql: "SELECT stream, seq, file, sha256, hash, record FROM segment WHERE stream = ? AND seq > ? ORDER BY seq LIMIT ?",
        arguments: [id, sequence, limit]
      ).map { Row(stream: $0[0], sequence: $0[1], file: $0[2], sha256: $0[3], hash: $0[4], record: $0[5]) }
    }
  }

  /// A segment's hash in the chain.
  func hash(_ id: String, _ sequence: Int64) throws(Fault) -> String? {
    try read { try String.fetchOne($0, sql: "SELECT hash FROM segment WHERE stream = ? AND seq = ?", arguments: [id, sequence]) }
  }

  func count(_ id: String, after sequence: Int64) throws(Fault) -> Int {
    try read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM segment WHERE stream = ? AND seq > ?", arguments: [id, sequence]) ?? 0 }
  }

  func gapCount() throws(Fault) -> Int { try read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM gap") ?? 0 } }
}

private func temporaryFolder() -> String {
  let path = FileManager.default.temporaryDirectory.path
  return path.hasSuffix("/") ? path : path + "/"
}
