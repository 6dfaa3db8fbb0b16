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
  private let lock: FolderLock
  /// Bytes that the journal's file owns ahead of its end.
  private let reserve: Int64
  /// The disk has no more room than what the journal kept for itself: only incidents may use that (``JournalShare/whole``).
  private(set) var isShort = false
  private(set) var sequence: Int64
  private(set) var hash: String
  private var signedSequence: Int64 = 0
  /// Found at start.
  let recent: [Fact]
  let recovered: [JournalQueue.Entry]

  /// Locks the folder, finds the tail, cuts off what is torn.
  init(_ place: Place) throws(Fault) {
    self.place = place
    let folder = JournalFiles.folder(place.dataFolder)
    try Disk.makeFolder(place.dataFolder)
    try Disk.makeFolder(folder)
    lock = try FolderLock(folder + "/lock")
    reserve = min(place.options.reserveBytes, (Disk.space(folder)?.total ?? .max) / 16)
    let headFile = try HeadFile.open(place)
    let tail = try JournalTail.find(dataFolder: place.dataFolder, newestHead: headFile.newest, recentCount: place.options.recentCount)
    if !tail.torn.isEmpty { try TornBytes.setAside(tail.torn, of: JournalFiles.name(tail.file), at: tail.size, folder) }
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
  }

  /// Lets another process, or a restart in this one, have the folder.
  func releaseLock() { lock.release() }

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
    isShort = !file.keepRoom(reserve)
    guard !bytes.isEmpty else { return [] }
    // A new file would begin without room: the old one grows on meanwhile.
    if !isShort, file.size > 0, file.size + Int64(bytes.count) > place.options.maximumFileBytes { try rotate() }
    try file.append(bytes)
    (sequence, hash) = last
    return facts
  }

  func entry(_ kind: String, _ fields: [String: JSON]) throws(Fault) -> JournalQueue.Entry {
    try JournalWriter.entry(kind, fields, at: place.clock.reading())
  }

  private static func entry(_ kind: String, _ fields: [String: JSON], at reading: ClockReading) throws(Fault) -> JournalQueue.Entry {
    JournalQueue.Entry(
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
    file.releaseRoom()
    file = next
    isShort = !file.keepRoom(reserve)
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

  /// What the start found, as facts: the first ones that are written.
  private static func recoveryFacts(_ tail: JournalTail, _ heads: HeadFile, _ place: Place) throws(Fault) -> [JournalQueue.Entry] {
    let reading = place.clock.reading()
    var entries: [JournalQueue.Entry] = []
    if !tail.torn.isEmpty || heads.bytesCut > 0 {
      let fields: [String: JSON] = [
        "bytesCut": .int(Int64(tail.torn.count)), "lastSeq": .int(tail.sequence), "headBytesCut": .int(Int64(heads.bytesCut)),
      ]
      entries.append(try entry(FactKind.recovered, fields, at: reading))
    }
    if let first = tail.problems.first {
      place.logger.critical("\(Fault(.journalBroken, first.description))")
      let fields: [String: JSON] = [
        "count": .int(Int64(tail.problems.count)), "problems": .array(tail.problems.prefix(10).map { .string($0.description) }),
      ]
      entries.append(try entry(FactKind.journalDamaged, fields, at: reading))
    }
    return entries
  }
}
