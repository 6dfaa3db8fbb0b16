/// Cumulative counts of a picture track (of the audio track where there is no picture).
public struct FrameTotals: Hashable, Sendable {
  /// Units that were given out, damaged ones too.
  public var received: Int64 = 0
  /// Complete, with a reference chain that is clean back to the last IDR.
  public var clean: Int64 = 0
  /// With lost packets or malformed NAL units.
  public var damaged: Int64 = 0
  /// Those from which decoding can start.
  public var keys: Int64 = 0
  /// Payload.
  public var bytes: Int64 = 0
  /// Presented before a unit that was sent earlier (B pictures).
  public var reordered: Int64 = 0
  /// The time line jumped by more than 5 s against the clock.
  public var timestampJumps: Int64 = 0
  /// Frames that a viewer would have seen (``PlayoutClock``).
  public var shown: Int64 = 0
  /// Clean, but complete only after their deadline.
  public var late: Int64 = 0

  public init() {}
}
