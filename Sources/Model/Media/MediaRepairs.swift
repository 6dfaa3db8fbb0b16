/// What was put right in a publication's media so that it could be used, each kind counted since the publication began. All only grow.
public struct MediaRepairs: Hashable, Sendable, Encodable {
  /// Jumps of the sender's clocks that were not passed on (``ClockRepair``).
  public var clockJumps: UInt64 = 0
  /// Runs of bytes between two interleaved frames that belong to no frame, left out.
  public var strayRuns: UInt64 = 0
  /// Their bytes.
  public var strayBytes: UInt64 = 0
  /// RTP packets whose padding count is 0 or does not fit; they count as packets without padding.
  public var wrongPaddings: UInt64 = 0
  /// NAL units that were several, with start codes (Annex B) between them.
  public var startCodes: UInt64 = 0

  /// Nothing was repaired.
  public init() {}
}
