internal import GRDB
internal import Model

/// `DATA/index.sqlite`: facts by number, kind, stream and incident, made from the journal alone.
struct ProjectionStore: Sendable {
  private static let version = 1
  private static let batch = 500

  let dataFolder: String
  private let pool: DatabasePool

  /// Opens the file or makes it; one that cannot be used is deleted and made again, for it holds nothing of its own.
  init(dataFolder: String) throws(Fault) {
    self.dataFolder = dataFolder
    let path = dataFolder + "/index.sqlite"
    do {
      pool = try ProjectionStore.open(path)
    } catch {
      for suffix in ["", "-wal", "-shm"] { try Disk.remove(path + suffix) }
      pool = try ProjectionStore.asFault(path) { try ProjectionStore.open(path) }
    }
  }

  private static func open(_ path: String) throws -> DatabasePool {
    var configuration = Configuration()
    configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA synchronous = NORMAL") }
    let pool = try DatabasePool(path: path, configuration: configuration)
    try pool.write { db in
      guard try Int.fetchOne(db, sql: "PRAGMA user_version") != version else { return }
      try erase(db)
    }
    // A file whose pages are damaged shows it here, not in the middle of a query.
    let check = try pool.read { db in try String.fetchOne(db, sql: "PRAGMA quick_check(1)") }
    guard check == "ok" else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
    return pool
  }

  // MARK: applying

  /// Brings in what the journal has beyond the newest fact, up to a number; starts anew when the journal is not the one it was made from.
  /// Returns the newest number.
  func apply(through limit: Int64) throws(Fault) -> Int64 {
    let position = try run { try pool.read { db in try ProjectionStore.position(db) } }
    var walker = JournalWalker(dataFolder: dataFolder, from: position, through: limit)
    if try !walker.isSameJournal() {
      try erase()
      walker = JournalWalker(dataFolder: dataFolder, from: JournalWalker.Position(), through: limit)
    }
    while true {
      var facts: [(fact: Fact, line: [UInt8])] = []
      while facts.count < ProjectionStore.batch, let next = try walker.next() { facts.append(next) }
      let (group, reached) = (facts, walker.position)
      try run { try pool.write { db in try ProjectionStore.insert(group, reached, db) } }
      if group.count < ProjectionStore.batch { return reached.sequence }
    }
  }

  func erase() throws(Fault) { try run { try pool.write { db in try ProjectionStore.erase(db) } } }

  private static func insert(_ facts: [(fact: Fact, line: [UInt8])], _ position: JournalWalker.Position, _ db: Database) throws {
    let statement = try db.cachedStatement(
      sql: "INSERT OR REPLACE INTO facts (seq, boottimeNs, wall, kind, stream, incident, json) VALUES (?, ?, ?, ?, ?, ?, ?)")
    for (fact, line) in facts {
      try statement.execute(arguments: [
        fact.sequence, fact.bootTime.nanoseconds, fact.wall, fact.kind, fact["stream"]?.stringValue, fact["incident"]?.stringValue,
        String(decoding: line.dropLast(), as: UTF8.self),
      ])
      try view(fact.kind, db)
    }
    try db.execute(
      sql: """
        INSERT OR REPLACE INTO applied (id, file, offset, factFile, factOffset, seq, hash) VALUES (1, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [position.file, position.offset, position.factFile, position.factOffset, position.sequence, position.hash])
  }

  /// `fact_incident_opened` for the kind `incident.opened`. Only names of the journal's own form get one, so nothing else enters the SQL.
  private static func view(_ kind: String, _ db: Database) throws {
    guard JournalLine.isKind(kind) else { return }
    let name = "fact_" + String(kind.map { $0 == "." ? "_" : $0 })
    if try db.viewExists(name) { return }
    try db.execute(sql: "CREATE VIEW \"\(name)\" AS SELECT * FROM facts WHERE kind = '\(kind)'")
  }

  private static func position(_ db: Database) throws -> JournalWalker.Position {
    guard let row = try Row.fetchOne(db, sql: "SELECT * FROM applied") else { return JournalWalker.Position() }
    return JournalWalker.Position(
      file: row["file"], offset: row["offset"], factFile: row["factFile"], factOffset: row["factOffset"], sequence: row["seq"],
      hash: row["hash"])
  }

  private static func erase(_ db: Database) throws {
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

  // MARK: reading

  func facts(_ query: FactQuery) async throws(Fault) -> [Fact] {
    let (sql, arguments) = ProjectionStore.sql(query)
    let lines: [String]
    do {
      lines = try await pool.read { db in try String.fetchAll(db, sql: sql, arguments: arguments) }
    } catch {
      throw ProjectionStore.fault(error, dataFolder + "/index.sqlite")
    }
    return lines.compactMap { try? JournalLine.parse(Array($0.utf8) + [10]) }
  }

  private static func sql(_ query: FactQuery) -> (String, StatementArguments) {
    var conditions: [String] = []
    var arguments = StatementArguments()
    func add(_ condition: String, _ values: [any DatabaseValueConvertible]) {
      conditions.append(condition)
      arguments += StatementArguments(values)
    }
    if !query.kinds.isEmpty {
      add("kind IN (" + query.kinds.map { _ in "?" }.joined(separator: ", ") + ")", query.kinds)
    }
    if let stream = query.stream { add("stream = ?", [stream]) }
    if let incident = query.incident { add("incident = ?", [incident]) }
    if let after = query.after { add("seq > ?", [after]) }
    if let before = query.before { add("seq < ?", [before]) }
    let filter = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
    let limit = max(0, min(query.limit, 10_000))
    return ("SELECT json FROM facts\(filter) ORDER BY seq \(query.newestFirst ? "DESC" : "ASC") LIMIT \(limit)", arguments)
  }

  /// Everything that is in it, as text: two projections of one journal are equal when these are.
  func dump() throws(Fault) -> String {
    try run {
      try pool.read { db in
        var text = try String.fetchAll(db, sql: "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name").joined(separator: "\n")
        for table in ["facts", "applied"] {
          for row in try Row.fetchAll(db, sql: "SELECT * FROM \(table) ORDER BY 1") { text += "\n\(table) \(row)" }
        }
        return text
      }
    }
  }

  // MARK: faults

  private func run<R>(_ body: () throws -> R) throws(Fault) -> R { try ProjectionStore.asFault(dataFolder + "/index.sqlite", body) }

  private static func asFault<R>(_ path: String, _ body: () throws -> R) throws(Fault) -> R {
    do { return try body() } catch { throw fault(error, path) }
  }

  private static func fault(_ error: any Error, _ path: String) -> Fault {
    if let fault = error as? Fault { return fault }
    let isFull = (error as? DatabaseError)?.resultCode == .SQLITE_FULL
    return Fault(isFull ? .diskFull : .diskFailed, "\(path): \(error)")
  }
}
