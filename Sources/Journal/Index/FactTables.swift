internal import GRDB
internal import Model

/// The tables of `DATA/index.sqlite` (docs/journal.md, "The index"). Called inside a transaction.
enum FactTables {
  /// Kept in SQLite's `user_version`; a file of another version is made again.
  private static let version = 1

  static func isCurrent(_ db: Database) throws -> Bool { try Int.fetchOne(db, sql: "PRAGMA user_version") == version }

  /// Makes the tables anew, empty.
  static func create(_ db: Database) throws {
    for name in try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'view' AND name LIKE 'fact\\_%' ESCAPE '\\'") {
      try db.execute(sql: "DROP VIEW \(name.quotedDatabaseIdentifier)")
    }
    try db.execute(
      sql: """
        DROP TABLE IF EXISTS facts;
        DROP TABLE IF EXISTS applied;
        CREATE TABLE facts (
          seq INTEGER PRIMARY KEY, boottimeNs INTEGER NOT NULL, wall TEXT NOT NULL, kind TEXT NOT NULL, stream TEXT, incident TEXT,
          json TEXT NOT NULL);
        CREATE INDEX facts_kind ON facts (kind, seq);
        CREATE INDEX facts_stream ON facts (stream, seq) WHERE stream IS NOT NULL;
        CREATE INDEX facts_incident ON facts (incident, seq) WHERE incident IS NOT NULL;
        CREATE TABLE applied (
          id INTEGER PRIMARY KEY CHECK (id = 1), file INTEGER NOT NULL, offset INTEGER NOT NULL, factFile INTEGER NOT NULL,
          factOffset INTEGER NOT NULL, seq INTEGER NOT NULL, hash TEXT NOT NULL);
        PRAGMA user_version = \(version);
        """)
  }

  static func insert(_ indexed: IndexedFact, _ db: Database) throws {
    let fact = indexed.fact
    let statement = try db.cachedStatement(
      sql: "INSERT OR REPLACE INTO facts (seq, boottimeNs, wall, kind, stream, incident, json) VALUES (?, ?, ?, ?, ?, ?, ?)")
    try statement.execute(arguments: [
      fact.sequence, fact.bootTime.nanoseconds, fact.wall, fact.kind, indexed.stream, indexed.incident, indexed.line,
    ])
  }

  /// `fact_incident_opened` for the kind `incident.opened`. Only names of the journal's own form get one, so nothing else enters the SQL.
  static func makeView(_ kind: String, _ db: Database) throws {
    guard JournalLine.isKind(kind) else { return }
    let name = "fact_" + String(kind.map { $0 == "." ? "_" : $0 })
    if try db.viewExists(name) { return }
    try db.execute(sql: "CREATE VIEW \"\(name)\" AS SELECT * FROM facts WHERE kind = '\(kind)'")
  }

  // MARK: The bookmark

  static func store(_ bookmark: JournalBookmark, _ db: Database) throws {
    try db.execute(
      sql: "INSERT OR REPLACE INTO applied (id, file, offset, factFile, factOffset, seq, hash) VALUES (1, ?, ?, ?, ?, ?, ?)",
      arguments: [bookmark.file, bookmark.offset, bookmark.factFile, bookmark.factOffset, bookmark.sequence, bookmark.hash])
  }

  static func bookmark(_ db: Database) throws -> JournalBookmark {
    guard let row = try Row.fetchOne(db, sql: "SELECT file, offset, factFile, factOffset, seq, hash FROM applied") else { return .start }
    return JournalBookmark(file: row[0], offset: row[1], factFile: row[2], factOffset: row[3], sequence: row[4], hash: row[5])
  }

  static func dump(_ db: Database) throws -> String {
    var text = try String.fetchAll(db, sql: "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name").joined(separator: "\n")
    for table in ["facts", "applied"] {
      for row in try Row.fetchAll(db, sql: "SELECT * FROM \(table) ORDER BY 1") { text += "\n\(table) \(row)" }
    }
    return text
  }
}
