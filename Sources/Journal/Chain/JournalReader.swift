public import Model

/// Streams a journal's facts in order and checks each against the one before. Needs the files alone; works on a copy, and beside a writer.
///
/// A line is vouched for by the line after it, so the newest fact is certain only by a head: ``Journal/verify(dataFolder:key:)`` checks those too.
public final class JournalReader {
  /// After the last fact that ``next()`` gave.
  public private(set) var position: JournalPosition
  private let dataFolder: String
  private let limit: Int64
  private var reader: LineReader?

  /// - Parameter limit: the last number to give; a reader beside a writer stops at what is fsynced.
  public init(dataFolder: String, from position: JournalPosition = .start, through limit: Int64 = .max) {
    self.dataFolder = dataFolder
    self.position = position
    self.limit = limit
  }

  /// The next fact; nil at the end of the last file. Throws the first break, located; asked again it throws it again. Blocks.
  public func next() throws(JournalProblem) -> Fact? {
    guard position.sequence < limit else { return nil }
    while true {
      if let line = try nextLine() { return try accept(line) }
      guard try advance() else { return nil }
    }
  }

  private func nextLine() throws(JournalProblem) -> LineReader.Line? {
    do throws(Fault) {
      if reader == nil { reader = try LineReader(path(position.file), at: position.offset) }
      return try reader?.next()
    } catch {
      throw problem(.unreadable, error.detail)
    }
  }

  private func accept(_ line: LineReader.Line) throws(JournalProblem) -> Fact {
    // Another attempt must find the same line again.
    func fail(_ problem: JournalProblem) -> JournalProblem {
      reader = nil
      return problem
    }
    let fact: Fact
    do throws(LineError) {
      fact = try JournalLine.parse(line.bytes)
    } catch {
      throw fail(problem(.malformed, error.message, plus: error.offset))
    }
    guard fact.sequence == position.sequence &+ 1 else {
      throw fail(problem(.sequence, "number \(fact.sequence) where \(position.sequence &+ 1) belongs"))
    }
    guard fact.previous == position.hash else {
      throw fail(problem(.changed, "its prev is not the hash of the line before: one of the two was changed"))
    }
    position.line += 1
    position.offset += Int64(line.bytes.count)
    position.sequence = fact.sequence
    position.hash = fact.hash
    return fact
  }

  /// Goes on to the next file; false when this is the last one.
  private func advance() throws(JournalProblem) -> Bool {
    do throws(Fault) {
      let indices = try JournalFiles.indices(dataFolder)
      guard let newest = indices.last, newest >= position.file else {
        if position.sequence > 0 { throw missing(position.file) }
        return false
      }
      guard indices.contains(position.file) else { throw missing(position.file) }
      return try newest > position.file ? leave(indices) : checkRest()
    } catch {
      switch error.code {
      case .journalBroken:
        throw JournalProblem(.missingFile, file: "journal/" + error.detail, line: 0, byte: 0, detail: "the file is not there")
      case .mediaMalformed: throw problem(.tornTail, error.detail)
      default: throw problem(.unreadable, error.detail)
      }
    }
  }

  /// The writer ends a file before it begins the next, so now this one is whole: it is looked at once more and left.
  private func leave(_ indices: [Int]) throws(Fault) -> Bool {
    if let line = try reader?.next() {
      reader = try LineReader(path(position.file), at: line.offset)
      return true
    }
    _ = try checkRest()
    guard indices.contains(position.file + 1) else { throw missing(position.file + 1) }
    position.file += 1
    position.line = 0
    position.offset = 0
    reader = nil
    return true
  }

  /// Beside a writer half a line may be there for a moment; then `limit` keeps us from coming here.
  private func checkRest() throws(Fault) -> Bool {
    let rest = reader?.rest.bytes.count ?? 0
    if rest > 0 { throw Fault(.mediaMalformed, "\(rest) bytes without a line feed") }
    return false
  }

  private func missing(_ index: Int) -> Fault { Fault(.journalBroken, JournalFiles.name(index)) }

  private func path(_ index: Int) -> String { JournalFiles.folder(dataFolder) + "/" + JournalFiles.name(index) }

  private func problem(_ kind: JournalProblem.Kind, _ detail: String, plus bytes: Int = 0) -> JournalProblem {
    JournalProblem(
      kind, file: "journal/" + JournalFiles.name(position.file), line: position.line + 1, byte: position.offset &+ Int64(bytes),
      detail: detail)
  }
}

extension Journal {
  /// Every fact of a data folder up to the first break, and the break. Blocks.
  public static func read(dataFolder: String) -> (facts: [Fact], problem: JournalProblem?) {
    let reader = JournalReader(dataFolder: dataFolder)
    var facts: [Fact] = []
    do throws(JournalProblem) {
      while let fact = try reader.next() { facts.append(fact) }
      return (facts, nil)
    } catch {
      return (facts, error)
    }
  }
}
