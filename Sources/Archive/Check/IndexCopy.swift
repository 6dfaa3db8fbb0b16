internal import FoundationEssentials
internal import GRDB
internal import Model

/// A private copy of the index: reading SQLite's WAL in place would write beside it, and evidence is not written to.
struct IndexCopy: ~Copyable {
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

  func streams() throws(Fault) -> [(id: String, name: String, segments: Int64, lastSequence: Int64, lastHash: String)] {
    try read { db in
      try GRDB.Row.fetchAll(db, sql: "SELECT id, name, segments, lastSeq, lastHash FROM stream ORDER BY name").map {
        ($0[0], $0[1], $0[2], $0[3], $0[4])
      }
    }
  }

  func rows(_ id: String) throws(Fault) -> [Row] {
    try read { db in
      try GRDB.Row.fetchAll(
        db, sql: "SELECT stream, seq, file, sha256, hash, record FROM segment WHERE stream = ? ORDER BY seq", arguments: [id]
      ).map { Row(stream: $0[0], sequence: $0[1], file: $0[2], sha256: $0[3], hash: $0[4], record: $0[5]) }
    }
  }

  func gapCount() throws(Fault) -> Int { try read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM gap") ?? 0 } }
}

private func temporaryFolder() -> String {
  let path = FileManager.default.temporaryDirectory.path
  return path.hasSuffix("/") ? path : path + "/"
}
