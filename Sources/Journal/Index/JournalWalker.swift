internal import Model

/// Walks a journal's lines without judging the chain: a line that does not parse is passed over, and so is a missing file. An index must go on where the
/// journal went on; whether the journal can be trusted is for ``JournalReader`` and `verify` to say.
struct JournalWalker {
  private(set) var bookmark: JournalBookmark
  private let dataFolder: String
  private let limit: Int64
  private var reader: LineReader?

  /// - Parameter limit: the walk ends before the first fact beyond this sequence.
  init(dataFolder: String, from bookmark: JournalBookmark, through limit: Int64) {
    self.dataFolder = dataFolder
    self.bookmark = bookmark
    self.limit = limit
  }

  /// Whether the fact at which an earlier walk stopped still stands there.
  func isSameJournal() throws(Fault) -> Bool {
    guard bookmark.sequence > 0 else { return true }
    guard let line = try LineReader(path(bookmark.factFile), at: bookmark.factOffset)?.next() else { return false }
    return JournalLine.hash(line.bytes) == bookmark.hash
  }

  /// The next fact; nil at the end of what is there, or at the limit.
  mutating func next() throws(Fault) -> IndexedFact? {
    while true {
      if reader == nil { reader = try LineReader(path(bookmark.file), at: bookmark.offset) }
      guard let line = try reader?.next() else {
        guard try advance() else { return nil }
        continue
      }
      guard let fact = try? JournalLine.parse(line.bytes) else {
        bookmark.offset = line.offset &+ Int64(line.bytes.count)
        continue
      }
      guard fact.sequence <= limit else {
        reader = nil
        return nil
      }
      bookmark.offset = line.offset &+ Int64(line.bytes.count)
      (bookmark.factFile, bookmark.factOffset) = (bookmark.file, line.offset)
      (bookmark.sequence, bookmark.hash) = (fact.sequence, fact.hash)
      return IndexedFact(fact, line: line.bytes)
    }
  }

  /// Goes on to the next file. The writer ends a file before it begins the next: once that is there, this one is looked at once more and left.
  private mutating func advance() throws(Fault) -> Bool {
    guard let next = try JournalFiles.indices(dataFolder).first(where: { $0 > bookmark.file }) else {
      reader = nil
      return false
    }
    if try reader?.next() != nil {
      reader = nil
      return true
    }
    reader = nil
    bookmark.file = next
    bookmark.offset = 0
    return true
  }

  private func path(_ index: Int) -> String { JournalFiles.folder(dataFolder) + "/" + JournalFiles.name(index) }
}
