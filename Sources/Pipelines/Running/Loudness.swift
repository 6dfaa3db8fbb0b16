public import Model

/// How loud one buffer of decoded sound is.
public struct Loudness: Sendable, Hashable {
  /// Largest magnitude of a sample, 1 being full scale.
  public var peak: Float
  /// The first and last sample that is loud, as time since the buffer's beginning; nil when none is.
  public var first: Nanoseconds?
  public var last: Nanoseconds?
  public var length: Nanoseconds
}
