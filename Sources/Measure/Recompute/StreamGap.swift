public import Model

/// A stretch in which a stream brought no media, with its cause.
public struct StreamGap: Hashable, Sendable {
  /// Whose fault it is.
  public typealias Cause = GapCause

  /// Path of the stream.
  public var stream: String
  /// Last media before.
  public var from: NodeInstant
  /// Nil while it lasts, or when the node rebooted in it.
  public var to: BootTime?
  /// Whose fault it is.
  public var cause: Cause

  public init(stream: String, from: NodeInstant, to: BootTime?, cause: Cause) {
    self.stream = stream
    self.from = from
    self.to = to
    self.cause = cause
  }

  /// As `recompute` prints it.
  public var json: JSON {
    [
      "stream": .string(stream), "boot": .string(from.boot), "fromNs": .int(from.time.nanoseconds), "toNs": .whole(to?.nanoseconds),
      "cause": .string(cause.rawValue),
    ]
  }
}
