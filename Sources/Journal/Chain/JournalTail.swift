internal import Glibc
internal import Model

/// Where a journal goes on, found at start: the last file read wholly, of the earlier ones the seams.
struct JournalTail {
  /// Index of the file to append to; 0 when there is none yet.
  var file = 0
  /// Its good bytes.
  var size: Int64 = 0
  var sequence: Int64 = 0
  var hash = JournalLine.zeroHash
  /// The newest facts, oldest first.
  var recent: [Fact] = []
  /// Bytes of a torn tail, to be cut off.
  var torn: [UInt8] = []
  /// What is wrong beyond a torn tail.
  var problems: [JournalProblem] = []
  /// Whole lines come after a broken one in the last file: it is left as it is and a new one begins.
  var isDamaged = false

  static func find(dataFolder: String, newestHead: ChainHead?, recentCount: Int) throws(Fault) -> JournalTail {
    var tail = JournalTail()
    let indices = try JournalFiles.indices(dataFolder)
    for (position, index) in indices.enumerated() where index != position + 1 {
      tail.problems.append(.missing(position + 1))
      break
    }
    for index in indices {
      tail.file = index
      if index == indices.last {
        try tail.readWhole(dataFolder, newestHead, recentCount)
      } else {
        try tail.readSeams(dataFolder)
      }
    }
    if let head = newestHead, head.sequence > tail.sequence {
      tail.problems.append(
        JournalProblem(
          .cutTail, file: tail.relative, line: 0, byte: tail.size,
          detail: "a head knows of \(head.sequence), the last here is \(tail.sequence)"))
    }
    return tail
  }

  private var relative: String { "journal/" + JournalFiles.name(file) }

  /// First and last line of an earlier file.
  private mutating func readSeams(_ dataFolder: String) throws(Fault) {
    let path = JournalFiles.folder(dataFolder) + "/" + JournalFiles.name(file)
    guard let first = try LineReader(path)?.next() else { return }
    check(first, line: 1)
    var status = stat()
    guard stat(path, &status) == 0 else { throw Disk.fault(errno, path) }
    let start = max(0, Int64(status.st_size) - Int64(JournalLine.maximumBytes) - 1)
    guard let reader = try LineReader(path, at: start) else { return }
    var last: LineReader.Line?
    while let line = try reader.next() { last = line }
    guard let last else { return }
    hash = JournalLine.hash(last.bytes)
    if let fact = try? JournalLine.parse(last.bytes) { sequence = fact.sequence }
  }

  private mutating func check(_ line: LineReader.Line, line number: Int) {
    guard let fact = try? JournalLine.parse(line.bytes) else {
      return problems.append(JournalProblem(.malformed, file: relative, line: number, byte: line.offset, detail: "not a journal line"))
    }
    if fact.previous != hash || fact.sequence != sequence &+ 1 {
      problems.append(
        JournalProblem(.sequence, file: relative, line: number, byte: line.offset, detail: "does not follow \(sequence)"))
    }
  }

  private mutating func readWhole(_ dataFolder: String, _ head: ChainHead?, _ recentCount: Int) throws(Fault) {
    let path = JournalFiles.folder(dataFolder) + "/" + JournalFiles.name(file)
    guard let reader = try LineReader(path) else { return }
    var scan = TailScan(after: (sequence, hash), keeping: recentCount)
    while let line = try reader.next() {
      if let detail = scan.read(line, head) {
        problems.append(JournalProblem(.changed, file: relative, line: scan.number, byte: line.offset, detail: detail))
      }
    }
    scan.end(rest: reader.rest.bytes)
    recent = scan.recent
    if let damage = scan.damage {
      problems.append(JournalProblem(.changed, file: relative, line: damage.line, byte: damage.offset, detail: damage.detail))
      (sequence, hash) = scan.last
      isDamaged = true
    } else {
      // Nothing whole comes after it: this is what a power cut or kill -9 leaves.
      torn = scan.torn
      (sequence, hash) = scan.good
    }
    size = scan.size
  }
}

extension JournalProblem {
  /// - Parameter count: of files that are missing in a row.
  static func missing(_ index: Int, count: Int = 1) -> JournalProblem {
    let file = "journal/" + JournalFiles.name(index)
    let detail = count == 1 ? "the file is not there" : "this file and the \(count - 1) after it are not there"
    return JournalProblem(.missingFile, file: file, line: 0, byte: 0, detail: detail)
  }
}
