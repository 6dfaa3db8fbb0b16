/// How far a journal has been read: enough to go on from there later, in another process too.
public struct JournalPosition: Hashable, Sendable {
  /// Number of the file, 1…
  public var file: Int
  /// Lines of that file that have been read.
  public var line: Int
  /// Offset in that file of the next line.
  public var offset: Int64
  /// Sequence of the last fact that was read; 0 at the start.
  public var sequence: Int64
  /// Hash of that fact; 64 zeros at the start.
  public var hash: String

  /// A position as it was kept from an earlier reading.
  public init(file: Int, line: Int, offset: Int64, sequence: Int64, hash: String) {
    self.file = file
    self.line = line
    self.offset = offset
    self.sequence = sequence
    self.hash = hash
  }

  /// Before the first line of the first file.
  public static let start = JournalPosition(file: 1, line: 0, offset: 0, sequence: 0, hash: JournalLine.zeroHash)
}
