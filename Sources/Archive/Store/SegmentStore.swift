public import Model

/// Where segments lie: the narrow interface behind which the disk stands today, and an S3-compatible store can stand later.
///
/// Paths are those of ``SegmentRecord/file``: below the archive's folder, parts joined by `/`. What every implementation has to do is fixed by
/// `SegmentStoreConformanceTests`. All calls block; they come from the archive's own threads, writing from one thread at a time.
///
/// Errors: `.diskFull`, `.diskFailed` and any other fault mean "not now": the archive asks again, and says what was lost meanwhile.
public protocol SegmentStore: Sendable {
  /// Opens a segment for writing. Until it is committed it lies under another path (``SegmentName/openPath``); what lay there before is replaced.
  func open(_ name: SegmentName) throws(Fault) -> any SegmentFile

  /// Makes the names of a stream's committed segments survive a power cut: one call for all that were committed in a round.
  func syncNames(of stream: String) throws(Fault)

  /// The bytes of a file in a range, fewer where the file ends before; nil when there is no such file.
  func read(_ path: String, _ range: Range<Int64>) throws(Fault) -> [UInt8]?

  /// Size and age of a file; nil when there is none. Its cost must not grow with the number of segments.
  func info(_ path: String) throws(Fault) -> StoredFile?

  /// The names in a folder, sorted; empty when there is no such folder. An empty path means the archive's own folder.
  func list(_ folder: String) throws(Fault) -> [String]

  /// Removes a file; one that is not there is no error.
  func remove(_ path: String) throws(Fault)

  /// Moves a file that nobody can explain into the folder `quarantine`, beside those that are there already; gives its new path. Nothing is ever
  /// deleted so.
  func quarantine(_ path: String) throws(Fault) -> String

  /// Free space in thousandths of the whole; nil where that is unknown or means nothing.
  func freePermille() -> Int?

  /// The whole in bytes; nil where that is unknown or means nothing.
  func capacity() -> Int64?
}

extension SegmentStore {
  /// Nil: of stores that are as large as they need to be.
  public func capacity() -> Int64? { nil }
}
