public import Model

/// What ``ArchiveCheck`` found.
public struct ArchiveReport: Sendable, Hashable {
  /// One thing that is not as it was recorded.
  public struct Problem: Sendable, Hashable {
    /// `.segmentMissing`, `.segmentChanged` or `.archiveBroken`.
    public var fault: Fault
    /// Nil where no single stream is meant, or its name is none.
    public var stream: StreamName?
    /// ``SegmentRecord/sequence``, where one segment is meant.
    public var segment: Int64?
    /// Below `DATA/archive`.
    public var file: String?

    /// As `firstframe archive check` prints it.
    public var json: JSON {
      [
        "stream": stream.map { .string($0.path) } ?? .null, "segment": segment.map { .int($0) } ?? .null,
        "file": file.map { .string($0) } ?? .null, "reason": fault.json,
      ]
    }
  }

  /// Streams in the index.
  public var streams = 0
  /// Segments in the index, good or not.
  public var segments = 0
  /// Bytes of the files that are as they were recorded.
  public var bytes: Int64 = 0
  /// Pictures in those files; audio frames where a stream has no pictures.
  public var frames: Int64 = 0
  /// Gaps in the index.
  public var gaps = 0
  /// Signed heads that verify.
  public var heads = 0
  /// Segments newer than the newest head: their chain is intact, but nothing signed says how many there were.
  public var unsealed = 0
  /// `.part` files: open when the relay was stopped, or being written now.
  public var open = 0
  /// Files in quarantine.
  public var quarantined = 0
  /// By file and number.
  public var problems: [Problem] = []

  /// Of nothing that was read yet.
  public init() {}

  /// No problem was found.
  public var isGood: Bool { problems.isEmpty }
  /// 0 when every indexed segment is there and hashes as indexed, chains and heads verify, and no file is unknown; else 1.
  public var exitCode: Int32 { isGood ? 0 : 1 }

  /// As `firstframe archive check --json` prints it.
  public var json: JSON {
    [
      "good": .bool(isGood), "streams": .int(Int64(streams)), "segments": .int(Int64(segments)), "bytes": .int(bytes),
      "frames": .int(frames),
      "gaps": .int(Int64(gaps)), "heads": .int(Int64(heads)), "unsealed": .int(Int64(unsealed)), "open": .int(Int64(open)),
      "quarantined": .int(Int64(quarantined)), "problems": .array(problems.map(\.json)),
    ]
  }
}
