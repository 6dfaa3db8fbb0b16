public import Model

/// The journal's limits. The defaults are what a node runs with; tests shrink them.
public struct JournalOptions: Sendable {
  /// A file that would grow beyond it is followed by the next one.
  public var maximumFileBytes: Int64 = 64 << 20
  /// How long a fact may wait for its group commit.
  public var groupDelay = Nanoseconds.milliseconds(50)
  /// Between two signed heads, while facts are added.
  public var headInterval = Nanoseconds.seconds(60)
  /// Between attempts while the disk refuses.
  public var retryDelay = Nanoseconds.seconds(1)
  /// Facts held in memory while the disk refuses, those being written among them; each kind has its share of it (``JournalShare``). Beyond it they
  /// are counted in a `journal.lost` fact.
  public var queueBytes = 16 << 20
  /// Blocks that the journal's file owns ahead of its end, so that a disk which others fill still takes incidents; at
  /// most a sixteenth of the disk; 0 for none.
  public var reserveBytes: Int64 = 8 << 20
  /// Facts kept in memory for ``Journal/recent(limit:)`` and late subscribers.
  public var recentCount = 1024

  /// What a node runs with.
  public init() {}
}
