/// Which segment of which stream.
public struct SegmentName: Hashable, Sendable {
  /// The stream's folder, 16 hexadecimal digits: ``SegmentRecord/id``.
  public let stream: String
  /// 1… within the stream: ``SegmentRecord/sequence``.
  public let number: Int64

  /// - Parameter stream: made by the archive from the stream's name, never the name itself.
  public init(stream: String, number: Int64) {
    self.stream = stream
    self.number = number
  }

  /// Where the segment lies once it is committed: `2d9194c28c5473ae/00000001.mkv`.
  public var path: String { stream + "/" + ArchiveFiles.segment(number) }
  /// Where it lies while it is written: ``path`` and `.part`.
  public var openPath: String { stream + "/" + ArchiveFiles.part(number) }
}
