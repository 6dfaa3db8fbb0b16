internal import Journal
internal import Model

/// One check's state: in pages, so that a month of two hundred streams fits into memory.
struct ArchiveChecker {
  private static let page = 1000

  private let folder: String
  private let store: any SegmentStore
  private let key: NodePublicKey?
  private(set) var report = ArchiveReport()
  /// The newest segment that a head names, by chain.
  private var sealed: [String: Int64] = [:]

  /// - Parameters:
  ///   - folder: `DATA/archive`, where index and heads lie.
  ///   - key: nil where the node's key is not known: then any valid signature counts.
  init(folder: String, store: any SegmentStore, key: NodePublicKey?) {
    self.folder = folder
    self.store = store
    self.key = key
  }

  mutating func run(_ progress: (Int, Int) -> Void) {
    do throws(Fault) {
      // Before the index: what is renamed meanwhile is in it, or newer than its end.
      var listing = try list()
      let index = try IndexCopy(of: folder + "/" + ArchiveFiles.index)
      report.gaps = try index.gapCount()
      let streams = try index.streams()
      let total = streams.reduce(0) { $0 + Int($1.segments) }
      for stream in streams {
        let names = listing.removeValue(forKey: stream.id) ?? []
        try check(stream, names, index) { progress($0, total) }
      }
      for (id, names) in listing { for name in names { unknown(id + "/" + name, nil) } }
      try checkHeads(index, streams)
    } catch { add(error, nil, nil, nil) }
    report.problems.sort { ($0.file ?? "", $0.segment ?? 0) < ($1.file ?? "", $1.segment ?? 0) }
  }

  private mutating func add(_ fault: Fault, _ stream: StreamName?, _ segment: Int64?, _ file: String?) {
    report.problems.append(ArchiveReport.Problem(fault: fault, stream: stream, segment: segment, file: file))
  }

  // MARK: Files

  /// Names in each stream's folder.
  private mutating func list() throws(Fault) -> [String: Set<String>] {
    var found: [String: Set<String>] = [:]
    for name in try store.list("") {
      if name == ArchiveFiles.quarantine {
        report.quarantined = try store.list(name).count
      } else if ArchiveFiles.isID(name) {
        found[name] = Set(try store.list(name))
      } else if !ArchiveFiles.own.contains(name) {
        unknown(name, nil)
      }
    }
    return found
  }

  private mutating func unknown(_ file: String, _ stream: StreamName?) { add(Fault(.archiveBroken, "unknown file"), stream, nil, file) }

  /// Files of a stream that no row explains.
  private mutating func checkRest(_ names: Set<String>, _ stream: IndexCopy.Stream, last: Int64) {
    for name in names.sorted() {
      if let found = ArchiveFiles.sequence(name), found.isPart, found.number > last {
        report.open += 1
      } else {
        unknown(stream.id + "/" + name, StreamName(stream.name))
      }
    }
  }

  // MARK: One stream

  private mutating func check(
    _ stream: IndexCopy.Stream, _ names: Set<String>, _ index: borrowing IndexCopy, _ progress: (Int) -> Void
  ) throws(Fault) {
    let name = StreamName(stream.name)
    var rest = names
    var previous = SegmentRecord.zeroHash
    var last: Int64 = 0
    var count: Int64 = 0
    while true {
      let rows = try index.rows(stream.id, after: last, limit: ArchiveChecker.page)
      guard !rows.isEmpty else { break }
      for row in rows {
        if let record = record(row, name, after: previous) { file(record, name) }
        rest.remove(String(row.file.dropFirst(stream.id.utf8.count + 1)))
        previous = row.hash
        last = row.sequence
        count += 1
        report.segments += 1
        progress(report.segments)
      }
    }
    if count != stream.segments || stream.lastHash != previous {
      add(Fault(.archiveBroken, "the index has \(count) of \(stream.segments) segments"), name, stream.lastSequence, nil)
    }
    checkRest(rest, stream, last: last)
    report.streams += 1
  }

  private mutating func record(_ row: IndexCopy.Row, _ stream: StreamName?, after previous: String) -> SegmentRecord? {
    guard SegmentRecord.hash(of: row.record) == row.hash, let json = try? JSON(parsing: row.record), let record = SegmentRecord(json),
      record.json.text == row.record, record.sequence == row.sequence, record.file == row.file, record.sha256 == row.sha256,
      record.id == row.stream, record.stream == stream
    else {
      add(Fault(.archiveBroken, "the index row was changed"), stream, row.sequence, row.file)
      return nil
    }
    if record.previous != previous { add(Fault(.archiveBroken, "the chain is broken before this segment"), stream, row.sequence, row.file) }
    return record
  }

  private mutating func file(_ record: SegmentRecord, _ stream: StreamName?) {
    do throws(Fault) {
      guard let found = try store.digest(of: record.file) else {
        return add(Fault(.segmentMissing, record.file), stream, record.sequence, record.file)
      }
      if found.bytes != record.bytes {
        add(Fault(.segmentChanged, "\(found.bytes) of \(record.bytes) bytes"), stream, record.sequence, record.file)
      } else if found.sha256 != record.sha256 {
        add(Fault(.segmentChanged, "SHA-256 \(found.sha256)"), stream, record.sequence, record.file)
      } else {
        report.bytes &+= found.bytes
        report.frames &+= record.frames
      }
    } catch { add(error, stream, record.sequence, record.file) }
  }

  // MARK: Heads

  private mutating func checkHeads(_ index: borrowing IndexCopy, _ streams: [IndexCopy.Stream]) throws(Fault) {
    let byChain = Dictionary(streams.map { (HeadLog.chain($0.id), $0) }) { first, _ in first }
    guard let reader = try HeadReader(folder + "/" + ArchiveFiles.heads) else {
      report.unsealed = report.segments
      return
    }
    while let line = try reader.next() {
      guard !line.isTorn else {
        add(Fault(.archiveBroken, "line \(line.number) is torn"), nil, nil, ArchiveFiles.heads)
        break
      }
      guard let head = ChainHead(line: line.bytes), head.isValid, key == nil || head.key == key else {
        add(Fault(.archiveBroken, "line \(line.number) does not verify"), nil, nil, ArchiveFiles.heads)
        continue
      }
      report.heads += 1
      try check(head, byChain[head.chain], index)
    }
    for (chain, stream) in byChain { report.unsealed += try index.count(stream.id, after: sealed[chain] ?? 0) }
  }

  private mutating func check(_ head: ChainHead, _ stream: IndexCopy.Stream?, _ index: borrowing IndexCopy) throws(Fault) {
    sealed[head.chain] = max(sealed[head.chain] ?? 0, head.sequence)
    let name = stream.flatMap { StreamName($0.name) }
    let hash = if let stream { try index.hash(stream.id, head.sequence) } else { nil as String? }
    if hash == nil {
      let what = "\(head.chain): a signed head names segment \(head.sequence), which the index lacks"
      add(Fault(.archiveBroken, what), name, head.sequence, nil)
    } else if hash != head.hash {
      add(Fault(.archiveBroken, "a signed head names another hash"), name, head.sequence, ArchiveFiles.heads)
    }
  }
}
