internal import GRDB
internal import Model

/// `DATA/archive/index.sqlite`: which segments are acknowledged. A row means that the file and its name are on the disk.
///
/// Writes block and are called from the archive's disk thread alone; WAL with synchronous=FULL, one transaction a second for all streams.
final class ArchiveIndex: Sendable {
  /// What one commit adds.
  struct Batch {
    var segments: [(record: SegmentRecord, cut: SpoolCut)] = []
    var gaps: [ArchiveGap] = []
    var isEmpty: Bool { segments.isEmpty && gaps.isEmpty }
  }

  private let pool: DatabasePool

  init(path: String) throws(Fault) {
    do {
      var configuration = Configuration()
      configuration.label = "archive"
      configuration.maximumReaderCount = 4
      let pool = try DatabasePool(path: path, configuration: configuration)
      // GRDB sets NORMAL with WAL; an acknowledged segment must survive a power cut.
      try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
      try ArchiveTables.migrator.migrate(pool)
      self.pool = pool
    } catch { throw ArchiveIndex.fault(error, path) }
  }

  func close() { try? pool.close() }

  static func fault(_ error: any Error, _ what: String) -> Fault {
    if let fault = error as? Fault { return fault }
    let code = (error as? DatabaseError)?.resultCode
    switch code {
    case .SQLITE_FULL?: return Fault(.diskFull, "\(what): \(error)")
    case .SQLITE_CORRUPT?, .SQLITE_NOTADB?: return Fault(.archiveBroken, "\(what): \(error)")
    default: return Fault(.diskFailed, "\(what): \(error)")
    }
  }

  // MARK: Writing

  func commit(_ batch: Batch) throws(Fault) {
    do {
      try pool.write { db in
        for (record, cut) in batch.segments { try ArchiveTables.insert(record, cut, db) }
        for gap in batch.gaps { try ArchiveTables.insert(gap, db) }
      }
    } catch { throw ArchiveIndex.fault(error, "index") }
  }

  func register(_ streams: [StreamName]) throws(Fault) {
    do {
      try pool.write { db in for stream in streams { _ = try ArchiveTables.register(stream, db) } }
    } catch { throw ArchiveIndex.fault(error, "index") }
  }

  /// Forgets where these runs of spools were cut: their files are gone.
  func forgetCuts(_ runs: Set<String>) throws(Fault) {
    guard !runs.isEmpty else { return }
    do {
      try pool.write { db in for run in runs { try db.execute(sql: "DELETE FROM cut WHERE run = ?", arguments: [run]) } }
    } catch { throw ArchiveIndex.fault(error, "index") }
  }

  // MARK: Reading on the archive's own threads

  /// The newest link of a stream's chain; (0, zeros) before the first.
  func chainEnd(_ id: String) throws(Fault) -> (sequence: Int64, hash: String) {
    let row = try readNow { db in
      try Row.fetchOne(db, sql: "SELECT lastSeq, lastHash FROM stream WHERE id = ?", arguments: [id]).map {
        ($0[0] as Int64, $0[1] as String)
      }
    }
    return row ?? (0, SegmentRecord.zeroHash)
  }

  /// The runs of spools whose cuts are kept.
  func cutRuns() throws(Fault) -> Set<String> {
    try readNow { db in try Set(String.fetchAll(db, sql: "SELECT DISTINCT run FROM cut")) }
  }

  func cut(stream id: String, run: UInt64) throws(Fault) -> SpoolCut {
    let text = try readNow { db in
      try String.fetchOne(db, sql: "SELECT cut FROM cut WHERE stream = ? AND run = ?", arguments: [id, SpoolCut(run: run).runText])
    }
    return SpoolCut(run: run, text: text ?? "{}")
  }

  /// All files that the index knows of one stream, without the folder.
  func files(_ id: String) throws(Fault) -> Set<String> {
    let files = try readNow { db in try String.fetchAll(db, sql: "SELECT file FROM segment WHERE stream = ?", arguments: [id]) }
    return Set(files.map { String($0.dropFirst(id.utf8.count + 1)) })
  }

  /// Streams by folder.
  func streams() throws(Fault) -> [String: StreamName] {
    let rows = try readNow { db in
      try Row.fetchAll(db, sql: "SELECT id, name FROM stream").map { ($0[0] as String, $0[1] as String) }
    }
    return Dictionary(rows.compactMap { id, name in StreamName(name).map { (id, $0) } }) { first, _ in first }
  }

  private func readNow<T>(_ body: (Database) throws -> T) throws(Fault) -> T {
    do { return try pool.read(body) } catch { throw ArchiveIndex.fault(error, "index") }
  }

  // MARK: Queries

  func segments(of stream: StreamName, from: WallTime, to: WallTime, limit: Int) async throws -> [SegmentRecord] {
    let id = ArchiveFiles.id(of: stream)
    return try await pool.read { db in
      try String.fetchAll(
        db,
        sql: "SELECT record FROM segment WHERE stream = ? AND endWallNs >= ? AND startWallNs <= ? ORDER BY endWallNs DESC, seq DESC LIMIT ?",
        arguments: [id, from.nanoseconds, to.nanoseconds, limit]
      ).reversed().compactMap { text in (try? JSON(parsing: text)).flatMap { SegmentRecord($0) } }
    }
  }

  func gaps(of stream: StreamName, from: WallTime, to: WallTime, limit: Int) async throws -> [ArchiveGap] {
    let id = ArchiveFiles.id(of: stream)
    return try await pool.read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT session, boot, fromNs, toNs, fromWallNs, toWallNs, cause, event FROM gap
          WHERE stream = ? AND toWallNs >= ? AND fromWallNs <= ? ORDER BY toWallNs DESC, number DESC LIMIT ?
          """, arguments: [id, from.nanoseconds, to.nanoseconds, limit]
      ).reversed().compactMap { row in
        guard let cause = ArchiveGap.Cause(rawValue: row[6]), let event = ArchiveGap.Event(rawValue: row[7]) else { return nil }
        return ArchiveGap(
          stream: stream, session: row[0], boot: row[1], from: BootTime(nanoseconds: row[2]), to: BootTime(nanoseconds: row[3]),
          fromWall: WallTime(nanoseconds: row[4]), toWall: WallTime(nanoseconds: row[5]), cause: cause, event: event)
      }
    }
  }

  func totals() async throws -> [ArchiveTotals] {
    try await pool.read { db in
      try Row.fetchAll(db, sql: "SELECT name, segments, frames, units, bytes, payloadBytes, gaps FROM stream ORDER BY name").compactMap {
        row in
        guard let name = StreamName(row[0] as String) else { return nil }
        return ArchiveTotals(
          stream: name, segments: row[1], frames: row[2], units: row[3], bytes: row[4], payloadBytes: row[5], gaps: row[6])
      }
    }
  }
}
