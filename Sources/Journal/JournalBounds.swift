public import Model

/// What the room holds at most, from the constants that it works with (`docs/limits.md`).
public enum JournalBounds {
  /// Each once.
  public static let all: [Bound] = [
    Bound("journal.queue", JournalOptions().queueBytes, .bytes, a: "node", beyond: "commits throw; records are counted in `journal.lost`"),
    Bound(
      "journal.queueOfStreams", JournalShare.streams.bytes(of: JournalOptions().queueBytes), .bytes, a: "node", beyond: "counted in `journal.lost`"),
    Bound(
      "journal.queueOfStrangers", JournalShare.strangers.bytes(of: JournalOptions().queueBytes), .bytes, a: "node",
      beyond: "counted in `journal.lost`"),
    Bound("journal.line", JournalLine.maximumBytes, .bytes, a: "fact", beyond: "`journal.rejected` instead"),
    Bound("journal.recent", JournalOptions().recentCount, .entries, a: "node", beyond: "the oldest go; they are on the disk"),
    Bound("journal.reserve", Int(JournalOptions().reserveBytes), .bytes, a: "node", beyond: "on the disk: the rest of it is everybody's"),
    Bound("samples.queue", SampleWriter.sessionLimit, .bytes, a: "session", beyond: "samples are dropped and counted in the file"),
  ]
}
