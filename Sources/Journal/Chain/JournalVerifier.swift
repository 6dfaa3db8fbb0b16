internal import Model

/// Reads everything and lists what is wrong, going on after each problem.
///
/// A line that parses but was changed shows only in the line after it (its `prev`): which of the two was changed shows in the link after.
struct JournalVerifier {
  private struct Entry {
    var file: Int
    var line: Int
    var offset: Int64
    var sequence: Int64
    var previous: String
    var hash: String
  }

  private let dataFolder: String
  private var problems: [JournalProblem] = []
  private var heads: [Int64: [ChainHead]] = [:]
  private var newestHead: ChainHead?
  private var last: Entry?
  /// `prev` of `last` is not the hash of this one: one of the two was changed.
  private var suspect: Entry?
  /// The line before was reported, so what follows from it is not reported again.
  private var isAfterProblem = false

  init(dataFolder: String) { self.dataFolder = dataFolder }

  mutating func run(key: NodePublicKey?) -> [JournalProblem] {
    readHeads(key)
    do throws(Fault) {
      let indices = try JournalFiles.indices(dataFolder)
      checkNumbering(indices)
      for (position, index) in indices.enumerated() {
        try readFile(index, isLast: index == indices.last, followsGap: position > 0 && indices[position - 1] != index - 1)
      }
      settleSuspect(next: nil)
      checkEnd(indices)
    } catch {
      problems.append(JournalProblem(.unreadable, file: "journal", line: 0, byte: 0, detail: error.detail))
    }
    return problems
  }

  // MARK: heads

  private mutating func readHeads(_ key: NodePublicKey?) {
    let name = "journal/" + JournalFiles.heads
    do throws(Fault) {
      guard let reader = try LineReader(dataFolder + "/" + name) else { return }
      var number = 0
      while let line = try reader.next() {
        number += 1
        guard let (kind, detail) = readHead(line.bytes, key) else { continue }
        problems.append(JournalProblem(kind, file: name, line: number, byte: line.offset, detail: detail))
      }
      let rest = reader.rest
      guard !rest.bytes.isEmpty else { return }
      problems.append(
        JournalProblem(
          .tornTail, file: name, line: number + 1, byte: rest.offset, detail: "\(rest.bytes.count) bytes without a line feed"))
    } catch {
      problems.append(JournalProblem(.unreadable, file: name, line: 0, byte: 0, detail: error.detail))
    }
  }

  /// Keeps a head for the lines to be held against; gives what is wrong with it.
  private mutating func readHead(_ line: [UInt8], _ key: NodePublicKey?) -> (JournalProblem.Kind, String)? {
    guard let head = ChainHead(line: line), head.chain == "journal" else { return (.headInvalid, "not a head") }
    guard head.isValid else { return (.headInvalid, "the signature is not valid") }
    let newest = newestHead
    heads[head.sequence, default: []].append(head)
    if head.sequence > newest?.sequence ?? 0 { newestHead = head }
    if let key, head.key != key { return (.headForeign, "signed by \(head.key.fingerprint)") }
    if let newest, head.sequence < newest.sequence { return (.headInvalid, "number \(head.sequence) after \(newest.sequence)") }
    return nil
  }

  // MARK: lines

  private mutating func checkNumbering(_ indices: [Int]) {
    var expected = 1
    for index in indices {
      if index > expected { problems.append(.missing(expected, count: index - expected)) }
      expected = index + 1
    }
  }

  private mutating func readFile(_ index: Int, isLast: Bool, followsGap: Bool) throws(Fault) {
    let path = JournalFiles.folder(dataFolder) + "/" + JournalFiles.name(index)
    guard let reader = try LineReader(path) else { return }
    if followsGap || (last == nil && index > 1) {
      settleSuspect(next: nil)
      isAfterProblem = true
    }
    var number = 0
    while let line = try reader.next() {
      number += 1
      accept(line, index, number)
    }
    let rest = reader.rest
    guard !rest.bytes.isEmpty else { return }
    settleSuspect(next: nil)
    report(
      isLast ? .tornTail : .cutTail, index, number + 1, rest.offset, "\(rest.bytes.count) bytes without a line feed")
    isAfterProblem = true
  }

  private mutating func accept(_ line: LineReader.Line, _ file: Int, _ number: Int) {
    let fact: Fact
    do throws(LineError) {
      fact = try JournalLine.parse(line.bytes)
    } catch {
      settleSuspect(next: nil)
      report(.malformed, file, number, line.offset &+ Int64(error.offset), error.message)
      isAfterProblem = true
      return
    }
    let entry = Entry(
      file: file, line: number, offset: line.offset, sequence: fact.sequence, previous: fact.previous, hash: fact.hash)
    let culpritIsLast = settleSuspect(next: entry)
    if isAfterProblem || culpritIsLast {
      isAfterProblem = false
    } else {
      check(entry)
    }
    for head in heads[entry.sequence] ?? [] where head.hash != entry.hash && !isAfterProblem && suspect == nil {
      report(.changed, file, number, entry.offset, "head \(head.sequence) was signed over other bytes")
      break
    }
    last = entry
  }

  private mutating func check(_ entry: Entry) {
    let expected = (last?.sequence ?? 0) &+ 1
    let previous = last?.hash ?? JournalLine.zeroHash
    if entry.sequence != expected {
      // A jump from one file to the next: the end of the earlier one is gone.
      if let last, last.file != entry.file, entry.sequence > expected {
        report(.cutTail, last.file, last.line + 1, size(of: last.file), "\(entry.sequence - expected) lines are gone")
      } else {
        report(.sequence, entry.file, entry.line, entry.offset, "number \(entry.sequence) where \(expected) belongs")
      }
      isAfterProblem = entry.previous == previous
    } else if entry.previous != previous {
      guard let last else { return report(.changed, entry.file, entry.line, entry.offset, "prev of the first line is not zeros") }
      suspect = last
    }
  }

  /// Decides which of two lines was changed, now that the next link is known. True when it was the later of the two.
  @discardableResult
  private mutating func settleSuspect(next: Entry?) -> Bool {
    guard let first = suspect, let second = last else { return false }
    suspect = nil
    let secondIsWhole = next.map { $0.previous == second.hash } ?? heads[second.sequence]?.contains { $0.hash == second.hash } ?? false
    let culprit = secondIsWhole ? first : second
    report(.changed, culprit.file, culprit.line, culprit.offset, "its hash is not the one that the chain goes on with")
    return !secondIsWhole && next != nil
  }

  // MARK: end

  private mutating func checkEnd(_ indices: [Int]) {
    guard let head = newestHead, head.sequence > last?.sequence ?? 0 else { return }
    guard let file = indices.last else { return problems.append(.missing(1)) }
    // A line that was reported as broken may be the one that the head is over.
    let line = last.map { $0.file == file ? $0.line + 1 : 1 } ?? 1
    report(.cutTail, file, line, size(of: file), "a head knows of \(head.sequence), the last here is \(last?.sequence ?? 0)")
  }

  private func size(of file: Int) -> Int64 {
    guard let reader = try? LineReader(JournalFiles.folder(dataFolder) + "/" + JournalFiles.name(file)) else { return 0 }
    while (try? reader.next()) != nil {}
    return reader.offset &+ Int64(reader.rest.bytes.count)
  }

  private mutating func report(_ kind: JournalProblem.Kind, _ file: Int, _ line: Int, _ byte: Int64, _ detail: String) {
    problems.append(JournalProblem(kind, file: "journal/" + JournalFiles.name(file), line: line, byte: byte, detail: detail))
  }
}

extension Journal {
  /// Checks every line, link, file number and head of a data folder; empty when all is as it was written. Blocks.
  ///
  /// It shows every change made by someone who does not hold the node's key. What it cannot show: the loss of facts after the newest head, and a tail cut from
  /// journal and heads alike; for those the head must also lie elsewhere (a peer, a printed report).
  /// - Parameter key: the node's key as known from elsewhere; else `DATA/keys/pub.pem`.
  public static func verify(dataFolder: String, key: NodePublicKey? = nil) -> [JournalProblem] {
    var verifier = JournalVerifier(dataFolder: dataFolder)
    return verifier.run(key: key ?? NodePublicKey(dataFolder: dataFolder))
  }
}
