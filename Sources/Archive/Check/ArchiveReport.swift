public import Model

/// What ``ArchiveCheck`` found.
public struct ArchiveReport: Sendable, Hashable {
  public struct Problem: Sendable, Hashable {
    /// `.segmentMissing`, `.segmentChanged` or `.archiveBroken`.
    public var fault: Fault
    public var stream: StreamName?
    /// ``SegmentRecord/sequence``, where one segment is meant.
    public var segment: Int64?
    /// Below `DATA/archive`.
    public var file: String?

    public var json: JSON {
      [
        "stream": stream.map { .string($0.path) } ?? .null, "segment": segment.map { .int($0) } ?? .null,
        "file": file.map { .string($0) } ?? .null, "reason": fault.json,
      ]
    }
  }

  public var streams = 0
  public var segments = 0
  public var bytes: Int64 = 0
  public var frames: Int64 = 0
  public var gaps = 0
  /// Signed heads that verify.
  public var heads = 0
  /// Segments newer than the newest head: their chain is intact, but nothing signed says how many there were.
  public var unsealed = 0
  /// `.part` files: open when the relay was stopped, or being written now.
  public var open = 0
  /// Files in quarantine.
  public var quarantined = 0
  public var problems: [Problem] = []

  public init() {}

  public var isGood: Bool { problems.isEmpty }
  /// 0 when every indexed segment is there and hashes as indexed, chains and heads verify, and no file is unknown; else 1.
  public var exitCode: Int32 { isGood ? 0 : 1 }

  public var json: JSON {
    [
      "good": .bool(isGood), "streams": .int(Int64(streams)), "segments": .int(Int64(segments)), "bytes": .int(bytes),
      "frames": .int(frames),
      "gaps": .int(Int64(gaps)), "heads": .int(Int64(heads)), "unsealed": .int(Int64(unsealed)), "open": .int(Int64(open)),
      "quarantined": .int(Int64(quarantined)), "problems": .array(problems.map(\.json)),
    ]
  }
}
