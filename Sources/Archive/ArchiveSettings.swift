public import Model

/// What the archive may do on its own. The defaults are what a node runs with; tests shrink them.
public struct ArchiveSettings: Sendable {
  /// Whether anything is recorded.
  public var enabled = true
  /// A segment ends at the first key frame after this.
  public var segmentDuration = Nanoseconds.seconds(10)
  /// A stream without key frames is cut at any cluster after this, so that its footage is acknowledged at all.
  public var longestSegment = Nanoseconds.seconds(60)
  /// How often units are handed to the muxers, and bytes to the disk: thread wake-ups are what a tap costs (architecture.md, decision 3).
  public var batchInterval = Nanoseconds.seconds(1)
  /// How often the heads of the chains are signed.
  public var headInterval = Nanoseconds.seconds(60)
  /// A muxer that gives nothing for so long although it has units has stalled.
  public var stallLimit = Nanoseconds.seconds(5)
  /// Size of one spool file; a stream chains as many as its open segment needs: about 14 s of it lie there, and count as the process's memory.
  public var spoolFileBytes = 1 << 20
  /// Where the spool lies; nil for `DATA/spool`. A folder in memory (`/dev/shm/…`) survives kill -9 but no power cut, and keeps the disk out of
  /// the event loops altogether.
  public var spoolFolder: String?
  /// Below this share of free space (thousandths) recording pauses, so that index, journal and incidents still have room.
  public var reservePermille = 30
  /// So much stays free at least, whatever ``reservePermille`` says, but not more than a third of the disk; without a share there is no reserve at all.
  public var reserveBytes: Int64 = 64 << 20
  /// Below this share a fact warns.
  public var warnPermille = 80
  /// What a stream may hold in memory while the disk hangs.
  public var backlogBytes = 16 << 20
  /// How far a wall-clock label may be from the truth, when known (adjtimex' maximum error).
  public var wallUncertainty: @Sendable () -> Nanoseconds? = { nil }

  /// What a node runs with.
  public init() {}
}
