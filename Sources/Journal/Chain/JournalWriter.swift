internal import Glibc
internal import Logging
internal import Model

/// Writes groups of facts and the heads. Used by one thread at a time: by `open`, then by the journal's own.
///
/// `@unchecked Sendable`: it is handed once from the opening thread to the writer's thread.
final class JournalWriter: @unchecked Sendable {
  struct Place: Sendable {
    var dataFolder: String
    var node: String
    var identity: NodeIdentity
    var clock: any NodeClock
    var options: JournalOptions
    var disk: any AppendDisk
    var logger: Logger
  }

  let place: Place
  private var file: AppendFile
  private var fileIndex: Int
  private var heads: AppendFile
  private var lock: Int32
  private(set) var sequence: Int64
  private(set) var hash: String
  private var signedSequence: Int64 = 0
  /// Found at start.
  let recent: [Fact]
  let recovered: [JournalQueue.Entry]

  /// Takes the folder, finds the tail, cuts off what is torn.
  init(_ place: Place) throws(Fault) {
    self.place = place
    let folder = JournalFiles.folder(place.dataFolder)
    try Disk.makeFolder(place.dataFolder)
    try Disk.makeFolder(folder)
    lock = try JournalWriter.takeLock(folder + "/lock")
    do throws(Fault) {
      let headFile = try HeadFile.open(place)
      let tail = try JournalTail.find(
        dataFolder: place.dataFolder, newestHead: headFile.newest, recentCount: place.options.recentCount)
      let path = folder + "/" + JournalFiles.name(max(1, tail.file))
      if !tail.torn.isEmpty { try JournalWriter.cut(tail, path, folder) }
      let goesOn = tail.file > 0 && !tail.isDamaged
      fileIndex = goesOn ? tail.file : tail.file + 1
      let name = folder + "/" + JournalFiles.name(fileIndex)
      file = try AppendFile(name, create: !goesOn, size: goesOn ? tail.size : 0, disk: place.disk)
      try Disk.syncFolder(folder)
      heads = try AppendFile(folder + "/" + JournalFiles.heads, create: headFile.isNew, size: headFile.size, disk: place.disk)
      if headFile.isNew { try Disk.syncFolder(folder) }
      sequence = tail.sequence
      hash = tail.hash
      recent = tail.recent
      recovered = try JournalWriter.recoveryFacts(tail, headFile, place)
    } catch {
      close(lock)
      throw error
    }
  }

  deinit { releaseLock() }

  /// Lets another process, or a restart in this one, take the folder.
  func releaseLock() {
    if lock >= 0 { close(lock) }
    lock = -1
  }

  // MARK: groups

  /// Appends a group with one write and one fsync; throws and leaves the chain as it was when the disk refuses.
  func write(_ group: JournalQueue.Group) throws(Fault) -> [Fact] {
    var entries = group.entries
    if group.lost.count > 0 { entries.append(try entry(FactKind.journalLost, group.lost.fields)) }
    var bytes: [UInt8] = []
    var facts: [Fact] = []
    var last = (sequence: sequence, hash: hash)
    for entry in entries {
      let fact = link(entry, after: last, into: &bytes)
      last = (fact.sequence, fact.hash)
      facts.append(fact)
    }
    guard !bytes.isEmpty else { return [] }
    if file.size > 0, file.size + Int64(bytes.count) > place.options.maximumFileBytes { try rotate() }
    try file.append(bytes)
    (sequence, hash) = last
    return facts
  }

  func entry(_ kind: String, _ fields: [String: JSON]) throws(Fault) -> JournalQueue.Entry {
    let reading = place.clock.reading()
    return JournalQueue.Entry(
      kind: kind, fields: fields, body: try JournalLine.body(kind: kind, fields: fields), bootTime: reading.boot,
      wall: WallTime(nanoseconds: reading.kernel.nanoseconds), reply: nil)
  }

  private func link(_ entry: JournalQueue.Entry, after last: (sequence: Int64, hash: String), into bytes: inout [UInt8]) -> Fact {
    let wall = entry.wall.description
    let line = JournalLine.bytes(
      node: place.node, boot: place.clock.bootID, sequence: last.sequence + 1, bootTime: entry.bootTime, wall: wall, kind: entry.kind,
      previous: last.hash, body: entry.body)
    bytes += line
    var fields = entry.fields
    fields["v"] = 1
    fields["node"] = .string(place.node)
    fields["boot"] = .string(place.clock.bootID)
    fields["seq"] = .int(last.sequence + 1)
    fields["boottimeNs"] = .int(entry.bootTime.nanoseconds)
    fields["wall"] = .string(wall)
    fields["kind"] = .string(entry.kind)
    fields["prev"] = .string(last.hash)
    return Fact(
      node: place.node, boot: place.clock.bootID, sequence: last.sequence + 1, bootTime: entry.bootTime, wall: wall, kind: entry.kind,
      previous: last.hash, hash: JournalLine.hash(line), fields: fields)
  }

  private func rotate() throws(Fault) {
    let folder = JournalFiles.folder(place.dataFolder)
    let next = try AppendFile(folder + "/" + JournalFiles.name(fileIndex + 1), create: true, disk: place.disk)
    fileIndex += 1
    file = next
    try Disk.syncFolder(folder)
  }

  // MARK: heads

  /// Signs the chain's end, unless the newest head already does.
  func writeHead() throws(Fault) {
    guard sequence > signedSequence else { return }
    let reading = place.clock.reading()
    let head = try ChainHead.sign(
      chain: "journal", node: place.node, boot: place.clock.bootID, sequence: sequence, hash: hash, bootTime: reading.boot,
      wall: WallTime(nanoseconds: reading.kernel.nanoseconds), by: place.identity)
    try heads.append(head.line)
    signedSequence = sequence
  }

  // MARK: start

  /// One process per data folder: two writers would fork the chain. The kernel lets go when the process ends, however it ends.
  private static func takeLock(_ path: String) throws(Fault) -> Int32 {
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw Disk.fault(errno, path) }
    // A process that has just ended may have left a child between fork and exec, which holds the lock for a moment more.
    for _ in 0..<20 {
      if flock(file, LOCK_EX | LOCK_NB) == 0 { return file }
      guard errno == EWOULDBLOCK else { break }
      usleep(50_000)
    }
    let number = errno
    close(file)
    throw number == EWOULDBLOCK ? Fault(.dataFolderInUse, path) : Disk.fault(number, path)
  }

  private static func cut(_ tail: JournalTail, _ path: String, _ folder: String) throws(Fault) {
    try keep(tail.torn, of: JournalFiles.name(tail.file), at: tail.size, folder)
    try cut(path, to: tail.size)
  }

  /// Keeps bytes that are about to be cut off, as `quarantine/NAME-OFFSET-N`.
  static func keep(_ bytes: [UInt8], of name: String, at offset: Int64, _ folder: String) throws(Fault) {
    try Disk.makeFolder(folder + "/quarantine")
    for copy in 1...1000 where try Disk.create("\(folder)/quarantine/\(name)-\(offset)-\(copy)", with: bytes) { return }
    throw Fault(.diskFailed, "\(folder)/quarantine: too many copies of \(name)")
  }

  static func cut(_ path: String, to size: Int64) throws(Fault) {
    let file = open(path, O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { throw Disk.fault(errno, path) }
    defer { close(file) }
    guard ftruncate(file, Int(size)) == 0, fsync(file) == 0 else { throw Disk.fault(errno, path) }
  }

  private static func recoveryFacts(_ tail: JournalTail, _ heads: HeadFile, _ place: Place) throws(Fault) -> [JournalQueue.Entry] {
    var facts: [(String, [String: JSON])] = []
    if !tail.torn.isEmpty || heads.bytesCut > 0 {
      facts.append(
        (
          FactKind.recovered,
          ["bytesCut": .int(Int64(tail.torn.count)), "lastSeq": .int(tail.sequence), "headBytesCut": .int(Int64(heads.bytesCut))]
        ))
    }
    if !tail.problems.isEmpty {
      place.logger.critical("\(Fault(.journalBroken, tail.problems[0].description))")
      facts.append(
        (
          FactKind.journalDamaged,
          ["count": .int(Int64(tail.problems.count)), "problems": .array(tail.problems.prefix(10).map { .string($0.description) })]
        ))
    }
    let reading = place.clock.reading()
    var entries: [JournalQueue.Entry] = []
    for (kind, fields) in facts {
      entries.append(
        JournalQueue.Entry(
          kind: kind, fields: fields, body: try JournalLine.body(kind: kind, fields: fields), bootTime: reading.boot,
          wall: WallTime(nanoseconds: reading.kernel.nanoseconds), reply: nil))
    }
    return entries
  }
}
