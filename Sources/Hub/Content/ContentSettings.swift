public import Model

/// How much the probes of picture and sound may do.
public struct ContentSettings: Sendable {
  /// Decoding in workers, over all streams: milliseconds in a second.
  public var millisecondsPerSecond: Int64 = 12
  /// Looks of one stream are at least this far apart.
  public var lookInterval = Nanoseconds.seconds(2)
  /// Stretches of sound of one stream are at least this far apart while there is sound.
  public var listenInterval = Nanoseconds.seconds(4)
  /// Units that are held for searches, over all streams.
  public var heldBytes = 64 << 20

  /// The defaults of the configuration file.
  public init() {}
}
