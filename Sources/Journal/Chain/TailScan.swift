internal import Model

/// Reads the last file of a journal line by line and finds where it goes on.
struct TailScan {
  struct Damage {
    var offset: Int64
    var line: Int
    var detail: String
  }

  /// Sequence and hash of the newest line that follows the chain.
  private(set) var good: (sequence: Int64, hash: String)
  /// Bytes up to the end of that line.
  private(set) var size: Int64 = 0
  /// Of the last whole line, good or not: what a new file would have to follow.
  private(set) var last: (sequence: Int64, hash: String)
  /// Lines read so far.
  private(set) var number = 0
  private let recentCount: Int
  /// The first line that does not follow the chain.
  private var bad: Damage?
  /// A line of a journal comes after that one.
  private var hasLaterLine = false
  /// All bytes from that line on.
  private var suspect: [UInt8] = []
  private var lines: [[UInt8]] = []
  /// Before the newest good line.
  private var before: (sequence: Int64, hash: String, size: Int64)

  /// - Parameters:
  ///   - end: of the file before this one.
  ///   - recentCount: how many of the newest facts are wanted.
  init(after end: (sequence: Int64, hash: String), keeping recentCount: Int) {
    good = end
    last = end
    before = (end.sequence, end.hash, 0)
    self.recentCount = recentCount
  }

  /// Reads the next line; gives what is wrong with a good line over which a head was signed.
  mutating func read(_ line: LineReader.Line, _ head: ChainHead?) -> String? {
    number += 1
    let hash = JournalLine.hash(line.bytes)
    guard bad == nil, let envelope = EnvelopeScan(line.bytes), envelope.previous.elementsEqual(good.hash.utf8),
      envelope.sequence == good.sequence &+ 1
    else {
      readBad(line, hash)
      return nil
    }
    before = (good.sequence, good.hash, size)
    good = (envelope.sequence, hash)
    size = line.offset &+ Int64(line.bytes.count)
    last = good
    lines.append(line.bytes)
    if lines.count > 2 * recentCount + 1 { lines.removeFirst(lines.count - recentCount - 1) }
    guard let head, head.sequence == envelope.sequence, head.hash != hash else { return nil }
    return "head \(head.sequence) was signed over other bytes"
  }

  private mutating func readBad(_ line: LineReader.Line, _ hash: String) {
    let fact = try? JournalLine.parse(line.bytes)
    last = (fact?.sequence ?? min(last.sequence &+ 1, JournalLine.largestSequence), hash)
    if bad == nil {
      bad = Damage(offset: line.offset, line: number, detail: fact == nil ? "not a journal line" : "does not follow \(good.sequence)")
    }
    hasLaterLine = hasLaterLine || fact != nil
    suspect += line.bytes
  }

  /// The file has ended.
  /// - Parameter rest: bytes after the last LF.
  mutating func end(rest: [UInt8]) {
    suspect += rest
    // No line vouches for the newest one, so that one is parsed: a power cut may have left it whole in length and empty inside.
    guard !hasLaterLine, let newest = lines.last, (try? JournalLine.parse(newest)) == nil else { return }
    (good.sequence, good.hash, size) = before
    suspect = newest + suspect
    lines.removeLast()
  }

  /// A broken line that whole lines come after; nil when the file is good, or only its tail is torn.
  var damage: Damage? { hasLaterLine ? bad : nil }
  /// Bytes to be cut off.
  var torn: [UInt8] { hasLaterLine ? [] : suspect }
  var recent: [Fact] { lines.suffix(recentCount).compactMap { try? JournalLine.parse($0) } }
}
