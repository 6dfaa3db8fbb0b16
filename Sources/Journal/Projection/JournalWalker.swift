internal import Model

/// Walks a journal's lines without judging the chain: what does not parse is passed over, a file that is missing too. The projection must go on where
/// the journal went on; whether the journal can be trusted is for ``JournalReader`` and `verify` to say.
struct JournalWalker {
  /// Where a walk stands; kept with what was made of it.
  struct Position: Hashable {
    var file = 1
    /// Of the next line.
    var offset: Int64 = 0
    /// Of the newest fact that was given, to see later whether this is still the same journal.
    var factFile = 1
    var factOffset: Int64 = 0
    var sequence: Int64 = 0
    var hash = JournalLine.zeroHash
  }

  private(set) var position: Position
  private let dataFolder: String
  private let limit: Int64
  private var reader: LineReader?

  /// - Parameter limit: ends before the first fact beyond this number.
  init(dataFolder: String, from position: Position, through limit: Int64) {
    self.dataFolder = dataFolder
    self.position = position
    self.limit = limit
  }

  /// Whether the fact at which an earlier walk stopped still stands there.
  func isSameJournal() throws(Fault) -> Bool {
    guard position.sequence > 0 else { return true }
    guard let line = try LineReader(path(position.factFile), at: position.factOffset)?.next() else { return false }
    return JournalLine.hash(line.bytes) == position.hash
  }

  mutating func next() throws(Fault) -> (fact: Fact, line: [UInt8])? {
    while true {
      if reader == nil { reader = try LineReader(path(position.file), at: position.offset) }
      guard let line = try reader?.next() else {
        guard try advance() else { return nil }
        continue
      }
      guard let fact = try? JournalLine.parse(line.bytes) else {
        position.offset = line.offset &+ Int64(line.bytes.count)
        continue
      }
      guard fact.sequence <= limit else {
        reader = nil
        return nil
      }
      position.offset = line.offset &+ Int64(line.bytes.count)
      (position.factFile, position.factOffset) = (position.file, line.offset)
      (position.sequence, position.hash) = (fact.sequence, fact.hash)
      return (fact, line.bytes)
    }
  }

  /// The writer ends a file before it begins the next: once that is there, this one is looked at once more and left.
  private mutating func advance() throws(Fault) -> Bool {
    guard let next = try JournalFiles.indices(dataFolder).first(where: { $0 > position.file }) else {
      reader = nil
      return false
    }
    if try reader?.next() != nil {
      reader = nil
      return true
    }
    reader = nil
    position.file = next
    position.offset = 0
    return true
  }

  private func path(_ index: Int) -> String { JournalFiles.folder(dataFolder) + "/" + JournalFiles.name(index) }
}
