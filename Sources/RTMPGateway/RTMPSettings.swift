public import Model

/// The RTMP gateway's configuration and limits.
public struct RTMPSettings: Sendable {
  /// The address to listen on.
  public var host = "127.0.0.1"
  /// 0 lets the kernel choose (tests).
  public var port: UInt16 = 1935
  /// Connections beyond this are closed at once.
  public var maximumConnections = 4096
  /// A connection that neither publishes nor plays for so long is closed.
  public var handshakeDeadline = Nanoseconds.seconds(10)
  /// A publisher that sent nothing for so long has gone.
  public var publisherTimeout = Nanoseconds.seconds(10)
  /// How long a publisher may keep us waiting for the parameters of a track that its metadata announced.
  public var announceWait = Nanoseconds.seconds(1)
  /// A player whose socket took nothing for so long has gone.
  public var playerTimeout = Nanoseconds.seconds(60)
  /// Bytes that may wait for a player before it is dropped to the next key frame.
  public var readerQueueBytes = 4 << 20

  /// The defaults of the configuration file, on the loopback address.
  public init() {}
}
