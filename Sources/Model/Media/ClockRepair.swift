/// One jump of a sender's media clock that was not passed on.
public struct ClockRepair: Hashable, Sendable {
  /// What the units' times did instead. The raw values are those of facts.
  public enum Method: String, Sendable, Hashable {
    /// They went on by the time that passed between the arrivals.
    case bridged
    /// The sender's clock came back to where it was, or to where the publication's other track is: so did they.
    case restored
    /// A small step back was held until the sender's clock had caught up.
    case held
  }

  /// ``Track/index``.
  public var track: UInt8
  /// What the sender's clock did from one unit to the next in decoding order; below zero it stepped back.
  public var step: Nanoseconds
  /// What was done about it.
  public var method: Method

  public init(track: UInt8, step: Nanoseconds, method: Method) {
    self.track = track
    self.step = step
    self.method = method
  }
}
