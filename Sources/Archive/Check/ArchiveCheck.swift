internal import Journal
internal import Model

/// Reads a data folder's archive and says whether it is what it was when it was recorded. Reads only; needs no running relay. Blocks.
public enum ArchiveCheck {
  /// - Parameter progress: told after each segment: how many of how many.
  public static func check(dataFolder: String, progress: (Int, Int) -> Void = { _, _ in }) -> ArchiveReport {
    var checker = Checker(folder: ArchiveFiles.folder(dataFolder), key: NodePublicKey(dataFolder: dataFolder))
    checker.run(progress)
    return checker.report
  }

  private struct Checker {
    let folder: String
    let key: NodePublicKey?
    var report = ArchiveReport()
    /// Each chain's newest link that a head names, and every link by its number.
    private var heads: [String: [ChainHead]] = [:]

    init(folder: String, key: NodePublicKey?) {
      self.folder = folder
      self.key = key
    }

    mutating func run(_ progress: (Int, Int) -> Void) {
      do throws(Fault) {
        // Before the index: what is renamed meanwhile is in it, or newer than its end.
        let listing = try list()
        try readHeads()
        let index = try IndexCopy(of: folder + "/" + ArchiveFiles.index)
        report.gaps = try index.gapCount()
        let streams = try index.streams()
        let total = streams.reduce(0) { $0 + Int($1.segments) }
        for stream in streams {
          let rows = try index.rows(stream.id)
          check(
            rows, of: stream.id, named: StreamName(stream.name), end: (stream.lastSequence, stream.lastHash), count: Int(stream.segments)
          ) {
            progress($0, total)
          }
          checkNames(listing[stream.id] ?? [], rows, stream.id, StreamName(stream.name))
          heads[HeadLog.chain(stream.id)] = nil
          report.streams += 1
        }
        let known = Set(streams.map(\.id))
        for (id, names) in listing where !known.contains(id) { for name in names { unknown(id + "/" + name, nil) } }
        for (chain, list) in heads { if let newest = list.last { cut(chain, newest, nil) } }
      } catch { add(error, nil, nil, nil) }
      report.problems.sort { ($0.file ?? "", $0.segment ?? 0) < ($1.file ?? "", $1.segment ?? 0) }
    }

    private mutating func add(_ fault: Fault, _ stream: StreamName?, _ segment: Int64?, _ file: String?) {
      report.problems.append(ArchiveReport.Problem(fault: fault, stream: stream, segment: segment, file: file))
    }

    // MARK: Files

    /// Names in each stream's folder.
    private mutating func list() throws(Fault) -> [String: [String]] {
      var found: [String: [String]] = [:]
      for name in try Disk.entries(folder) {
        if name == ArchiveFiles.quarantine {
          report.quarantined = try Disk.entries(folder + "/" + name).count
        } else if ArchiveFiles.isID(name) {
          found[name] = try Disk.entries(folder + "/" + name)
        } else if !ArchiveFiles.own.contains(name) {
          unknown(name, nil)
        }
      }
      return found
    }

    private mutating func unknown(_ file: String, _ stream: StreamName?) { add(Fault(.archiveBroken, "unknown file"), stream, nil, file) }

    private mutating func checkNames(_ names: [String], _ rows: [IndexCopy.Row], _ id: String, _ stream: StreamName?) {
      let known = Set(rows.map(\.file))
      let last = rows.last?.sequence ?? 0
      for name in names where !known.contains(id + "/" + name) {
        if let found = ArchiveFiles.sequence(name), found.isPart, found.number > last {
          report.open += 1
        } else {
          unknown(id + "/" + name, stream)
        }
      }
    }

    // MARK: One stream

    private mutating func check(
      _ rows: [IndexCopy.Row], of id: String, named stream: StreamName?, end: (sequence: Int64, hash: String), count: Int,
      _ progress: (Int) -> Void
    ) {
      var previous = SegmentRecord.zeroHash
      var hashes: [Int64: String] = [:]
      for row in rows {
        if let record = record(row, stream, after: previous) { file(record, stream) }
        previous = row.hash
        hashes[row.sequence] = row.hash
        report.segments += 1
        progress(report.segments)
      }
      if rows.count != count || end.hash != previous {
        add(Fault(.archiveBroken, "the index has \(rows.count) of \(count) segments"), stream, end.sequence, nil)
      }
      check(heads[HeadLog.chain(id)] ?? [], hashes, stream, last: rows.last?.sequence ?? 0, HeadLog.chain(id))
    }

    private mutating func record(_ row: IndexCopy.Row, _ stream: StreamName?, after previous: String) -> SegmentRecord? {
      guard SegmentRecord.hash(of: row.record) == row.hash, let json = try? JSON(parsing: row.record), let record = SegmentRecord(json),
        record.json.text == row.record, record.sequence == row.sequence, record.file == row.file, record.sha256 == row.sha256,
        record.id == row.stream, record.stream == stream
      else {
        add(Fault(.archiveBroken, "the index row was changed"), stream, row.sequence, row.file)
        return nil
      }
      if record.previous != previous {
        add(Fault(.archiveBroken, "the chain is broken before this segment"), stream, row.sequence, row.file)
      }
      return record
    }

    private mutating func file(_ record: SegmentRecord, _ stream: StreamName?) {
      do throws(Fault) {
        guard let found = try FileDigest.of(folder + "/" + record.file) else {
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

    private mutating func readHeads() throws(Fault) {
      guard let bytes = try Disk.read(folder + "/" + ArchiveFiles.heads, limit: 1 << 30) else { return }
      var number = 0
      var rest = bytes[...]
      while let end = rest.firstIndex(of: 10) {
        number += 1
        let line = Array(rest[...end])
        rest = rest[(end + 1)...]
        guard let head = ChainHead(line: line), head.isValid, key == nil || head.key == key else {
          add(Fault(.archiveBroken, "line \(number) does not verify"), nil, nil, ArchiveFiles.heads)
          continue
        }
        report.heads += 1
        heads[head.chain, default: []].append(head)
      }
      if !rest.isEmpty { add(Fault(.archiveBroken, "line \(number + 1) is torn"), nil, nil, ArchiveFiles.heads) }
    }

    private mutating func check(_ heads: [ChainHead], _ hashes: [Int64: String], _ stream: StreamName?, last: Int64, _ chain: String) {
      var sealed: Int64 = 0
      for head in heads {
        sealed = max(sealed, head.sequence)
        if head.sequence > last {
          cut(chain, head, stream)
        } else if hashes[head.sequence] != head.hash {
          add(Fault(.archiveBroken, "a signed head names another hash"), stream, head.sequence, ArchiveFiles.heads)
        }
      }
      report.unsealed += hashes.keys.filter { $0 > sealed }.count
    }

    private mutating func cut(_ chain: String, _ head: ChainHead, _ stream: StreamName?) {
      add(
        Fault(.archiveBroken, "\(chain): a signed head names segment \(head.sequence), which the index lacks"), stream, head.sequence, nil)
    }
  }
}
