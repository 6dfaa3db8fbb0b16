/// One place where a journal, its heads or a sample file is not what was written, as exactly as the bytes say.
public struct JournalProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public enum Kind: String, Sendable, CaseIterable {
    /// Not a line of a journal: not JSON, or its envelope is not whole.
    case malformed
    /// The line's bytes are not those that the line after it, or a head, was made over.
    case changed
    /// A line is not the one that belongs here: lines were swapped, taken out or put in.
    case sequence
    /// The file ends inside a line. After kill -9 or a power cut the last file may; the node cuts it off at its next start.
    case tornTail
    /// Lines at the end of a file are gone: the file after it, or a head, knows of more.
    case cutTail
    /// A file between, or before, files that are there is gone.
    case missingFile
    /// A line of `heads.jsonl` cannot be read or its signature is not valid.
    case headInvalid
    /// A head is signed with another key than the node's.
    case headForeign
    /// The disk or the file system refuses to read it.
    case unreadable
  }

  /// What is wrong there.
  public var kind: Kind
  /// Relative to the data folder, e.g. `journal/journal-000001.jsonl`.
  public var file: String
  /// 1 for the first line; 0 where the file as a whole is meant.
  public var line: Int
  /// Offset in the file of the first byte that is known to be wrong, else of the line's first byte.
  public var byte: Int64
  /// For a reader of the report: numbers, hashes, an errno's text.
  public var detail: String

  /// A problem at a place.
  public init(_ kind: Kind, file: String, line: Int, byte: Int64, detail: String) {
    self.kind = kind
    self.file = file
    self.line = line
    self.byte = byte
    self.detail = detail
  }

  /// `file:line: byte N: kind: detail`.
  public var description: String { "\(file):\(line): byte \(byte): \(kind.rawValue): \(detail)" }
}
