public import Model

/// About sixty seconds of a session: the unit in which samples are hashed into the journal, and which can be read without the blocks before it.
public struct SampleBlock: Hashable, Sendable {
  /// 0 for the first of a file.
  public var index: Int64
  /// Where its bytes lie in the file; those of the first block begin with the header line.
  public var offset: Int64
  /// How many bytes it takes, its own start and end records included.
  public var bytes: Int64
  /// Of these bytes, lower-case hexadecimal.
  public var sha256: String
  /// Time of the second sample with which the block before ended; the session's start for the first.
  public var from: BootTime
  /// Time of the second sample with which this one ends: blocks tile the session's time without gap.
  public var to: BootTime
  /// Wall-clock label of ``from``.
  public var wall: WallTime
  /// In the order in which they were made.
  public var records: [SampleRecord]
  /// Records that were counted instead of kept because the disk did not keep up. With any, the figures of this block cannot be recomputed.
  public var dropped: Int64
  /// Whether it has its end record. The last block of a file that is still written, or whose process was killed, has none.
  public var isComplete: Bool
  /// Bytes of a record that was cut off in the middle.
  public var tornBytes: Int64
  /// Records of kinds that this version does not know.
  public var unknown: Int64
}
