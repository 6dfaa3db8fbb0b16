public import Model

/// A file in a ``SegmentStore``.
public struct StoredFile: Hashable, Sendable {
  /// Below the archive's folder.
  public let path: String
  /// Its size.
  public let bytes: Int64
  /// When it was last written, by the wall clock.
  public let modified: WallTime

  /// A file as its store knows it.
  public init(path: String, bytes: Int64, modified: WallTime) {
    self.path = path
    self.bytes = bytes
    self.modified = modified
  }
}
