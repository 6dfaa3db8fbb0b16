/// How far an index has followed a journal. The index keeps it with the facts, in the same transaction, so that following goes on where it stopped.
///
/// Unlike ``JournalPosition`` it says where the newest fact stands, and so whether the journal is still the same one; it says nothing of a chain that
/// holds.
public struct JournalBookmark: Hashable, Sendable {
  /// Number of the journal file that is read next, 1…
  public var file: Int
  /// Offset in ``file`` of the next line.
  public var offset: Int64
  /// Number of the file that the newest fact stands in.
  public var factFile: Int
  /// Offset of the newest fact's line in ``factFile``.
  public var factOffset: Int64
  /// Sequence of the newest fact; 0 when there is none.
  public var sequence: Int64
  /// Hash of the newest fact, 64 lower-case hexadecimal digits; 64 zeros when there is none.
  public var hash: String

  /// A bookmark as an index stored it.
  public init(file: Int, offset: Int64, factFile: Int, factOffset: Int64, sequence: Int64, hash: String) {
    self.file = file
    self.offset = offset
    self.factFile = factFile
    self.factOffset = factOffset
    self.sequence = sequence
    self.hash = hash
  }

  /// Before the first line of the first file: the bookmark of an empty index.
  public static let start = JournalBookmark(file: 1, offset: 0, factFile: 1, factOffset: 0, sequence: 0, hash: JournalLine.zeroHash)
}
