internal import GRDB
public import Model
internal import Synchronization

/// `DATA/index.sqlite`: facts by sequence, kind, stream and incident. Any SQLite client may read it beside the node.
public final class SQLiteFactIndex: FactIndex {
  /// Bytes of the file that are read where they lie; the system may take them back at any time.
  private static let mapped = 1 << 30

  private let path: String
  /// Exchanged only by ``erase()``, when the file is too damaged to be emptied.
  private let pool: Mutex<DatabasePool>

  /// Opens the file or makes it. One that cannot be used is deleted and made again, for it holds nothing of its own. Blocks while its pages are checked.
  ///
  /// Throws `.diskFull` or `.diskFailed`.
  public init(dataFolder: String) throws(Fault) {
    path = dataFolder + "/index.sqlite"
    let pool: DatabasePool
    do { pool = try SQLiteFactIndex.open(path) } catch { pool = try SQLiteFactIndex.makeAgain(path) }
    self.pool = Mutex(pool)
  }

  private static func open(_ path: String) throws -> DatabasePool {
    var configuration = Configuration()
    configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA synchronous = NORMAL; PRAGMA mmap_size = \(SQLiteFactIndex.mapped)") }
    let pool = try DatabasePool(path: path, configuration: configuration)
    try pool.write { db in if try !FactTables.isCurrent(db) { try FactTables.create(db) } }
    // A file whose pages are damaged shows it here, not in the middle of a query.
    let check = try pool.read { db in try String.fetchOne(db, sql: "PRAGMA quick_check(1)") }
    guard check == "ok" else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
    return pool
  }

  private static func makeAgain(_ path: String) throws(Fault) -> DatabasePool {
    for suffix in ["", "-wal", "-shm"] { try Disk.remove(path + suffix) }
    do { return try open(path) } catch { throw fault(error, path) }
  }

  // MARK: Writing

  /// How far the index has followed its journal.
  public func bookmark() throws(Fault) -> JournalBookmark { try read { try FactTables.bookmark($0) } }

  /// Adds facts and the bookmark in one transaction; what it holds after a power cut is a whole transaction, though perhaps not the last one.
  public func insert(_ facts: [IndexedFact], upTo bookmark: JournalBookmark) throws(Fault) {
    try write { db in
      for fact in facts { try FactTables.insert(fact, db) }
      for kind in Set(facts.map(\.fact.kind)) { try FactTables.makeView(kind, db) }
      try FactTables.store(bookmark, db)
    }
  }

  /// Makes the tables anew; a file that is too damaged for that is deleted and made again.
  public func erase() throws(Fault) {
    do throws(Fault) {
      try write { try FactTables.create($0) }
    } catch {
      guard error.code == .archiveBroken else { throw error }
      try? current.close()
      let fresh = try SQLiteFactIndex.makeAgain(path)
      pool.withLock { $0 = fresh }
    }
  }

  /// Closes every connection to the file, also when somebody still holds this index.
  public func close() { try? current.close() }

  // MARK: Reading

  /// One page, on the database's own threads.
  public func facts(_ query: FactQuery) async throws(Fault) -> [Fact] {
    let sql = FactSQL(query)
    // Parsed there too: many facts take a while, and the caller's thread belongs to everybody.
    return try await fetch { [path] db in
      let lines = try String.fetchCursor(db, sql: sql.page, arguments: sql.arguments)
      var facts: [Fact] = []
      while let line = try lines.next() {
        // A line that is none was not written here: the index is made again.
        guard let fact = IndexedFact(line: line)?.fact else { throw Fault(.archiveBroken, path) }
        facts.append(fact)
      }
      return facts
    }
  }

  /// Counted by SQLite, on the database's own threads.
  public func count(_ query: FactQuery) async throws(Fault) -> Int64 {
    let sql = FactSQL(query)
    return try await fetch { try Int64.fetchOne($0, sql: sql.count, arguments: sql.countArguments) ?? 0 }
  }

  /// Everything that is in it, as text: two indexes of one journal are equal when these are.
  func dump() throws(Fault) -> String { try read { try FactTables.dump($0) } }

  // MARK: The database

  private var current: DatabasePool { pool.withLock { $0 } }

  private func read<R>(_ body: (Database) throws -> R) throws(Fault) -> R {
    do { return try current.read(body) } catch { throw SQLiteFactIndex.fault(error, path) }
  }

  private func write<R>(_ body: (Database) throws -> R) throws(Fault) -> R {
    do { return try current.write(body) } catch { throw SQLiteFactIndex.fault(error, path) }
  }

  private func fetch<R: Sendable>(_ body: @escaping @Sendable (Database) throws -> R) async throws(Fault) -> R {
    do { return try await current.read(body) } catch { throw SQLiteFactIndex.fault(error, path) }
  }

  private static func fault(_ error: any Error, _ path: String) -> Fault {
    if let fault = error as? Fault { return fault }
    let detail = "\(path): \(error)"
    return switch (error as? DatabaseError)?.resultCode {
    case .SQLITE_FULL?: Fault(.diskFull, detail)
    case .SQLITE_CORRUPT?, .SQLITE_NOTADB?: Fault(.archiveBroken, detail)
    default: Fault(.diskFailed, detail)
    }
  }
}
