internal import GRDB
internal import Model

/// The tables of `DATA/archive/index.sqlite`. Called inside a transaction.
enum ArchiveTables {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { db in
      try db.execute(
        sql: """
          CREATE TABLE stream (
            id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, segments INTEGER NOT NULL DEFAULT 0, frames INTEGER NOT NULL DEFAULT 0,
            units INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0, payloadBytes INTEGER NOT NULL DEFAULT 0,
            gaps INTEGER NOT NULL DEFAULT 0, lastSeq INTEGER NOT NULL DEFAULT 0, lastHash TEXT NOT NULL);
          CREATE TABLE segment (
            number INTEGER PRIMARY KEY AUTOINCREMENT, stream TEXT NOT NULL REFERENCES stream(id), seq INTEGER NOT NULL, file TEXT NOT NULL UNIQUE,
            startWallNs INTEGER NOT NULL, endWallNs INTEGER NOT NULL, sha256 TEXT NOT NULL, hash TEXT NOT NULL, record TEXT NOT NULL,
            UNIQUE (stream, seq));
          CREATE INDEX segment_by_time ON segment (stream, endWallNs);
          CREATE TABLE gap (
            number INTEGER PRIMARY KEY AUTOINCREMENT, stream TEXT NOT NULL REFERENCES stream(id), session TEXT NOT NULL, boot TEXT NOT NULL,
            fromNs INTEGER NOT NULL, toNs INTEGER NOT NULL, fromWallNs INTEGER NOT NULL, toWallNs INTEGER NOT NULL, cause TEXT NOT NULL,
            event TEXT NOT NULL);
          CREATE INDEX gap_by_time ON gap (stream, toWallNs);
          CREATE TABLE cut (stream TEXT NOT NULL, run TEXT NOT NULL, cut TEXT NOT NULL, PRIMARY KEY (stream, run));
          """)
    }
    return migrator
  }

  static func register(_ stream: StreamName, _ db: Database) throws -> String {
    let id = ArchiveFiles.id(of: stream)
    try db.execute(
      sql: "INSERT INTO stream (id, name, lastHash) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING",
      arguments: [id, stream.path, SegmentRecord.zeroHash])
    return id
  }

  static func insert(_ record: SegmentRecord, _ cut: SpoolCut, _ db: Database) throws {
    let id = try register(record.stream, db)
    let text = record.json.text
    let hash = SegmentRecord.hash(of: text)
    try db.execute(
      sql: """
        INSERT INTO segment (stream, seq, file, startWallNs, endWallNs, sha256, hash, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        id, record.sequence, record.file, record.startWall.nanoseconds, record.endWall.nanoseconds, record.sha256, hash, text,
      ])
    try db.execute(
      sql: """
        UPDATE stream SET segments = segments + 1, frames = frames + ?, units = units + ?, bytes = bytes + ?, payloadBytes = payloadBytes + ?,
          lastSeq = ?, lastHash = ? WHERE id = ?
        """,
      arguments: [record.frames, record.units, record.bytes, record.payloadBytes, record.sequence, hash, id])
    try db.execute(
      sql: "INSERT INTO cut (stream, run, cut) VALUES (?, ?, ?) ON CONFLICT (stream, run) DO UPDATE SET cut = excluded.cut",
      arguments: [id, cut.runText, cut.text])
  }

  static func insert(_ gap: ArchiveGap, _ db: Database) throws {
    let id = try register(gap.stream, db)
    try db.execute(
      sql: """
        INSERT INTO gap (stream, session, boot, fromNs, toNs, fromWallNs, toWallNs, cause, event) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        id, gap.session, gap.boot, gap.from.nanoseconds, gap.to.nanoseconds, gap.fromWall.nanoseconds, gap.toWall.nanoseconds,
        gap.cause.rawValue, gap.event.rawValue,
      ])
    try db.execute(sql: "UPDATE stream SET gaps = gaps + 1 WHERE id = ?", arguments: [id])
  }
}
