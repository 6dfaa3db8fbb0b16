public import Model

/// The RTSP gateway's configuration and limits.
public struct RTSPSettings: Sendable {
  /// The address to listen on.
  public var host = "127.0.0.1"
  /// 0 lets the kernel choose (tests).
  public var port: UInt16 = 8554
  /// Which transports SETUP may choose.
  public var allowsTCP = true
  /// Whether SETUP may choose UDP; peers must be able to reach ``rtpPorts``.
  public var allowsUDP = true
  /// UDP media ports, an even one and the next for each track of each session; nil lets the kernel choose.
  public var rtpPorts: ClosedRange<UInt16>?
  /// Connections beyond this are closed at once.
  public var maximumConnections = 4096
  /// A connection that has not come to PLAY or RECORD, or leaves a message unfinished, for so long is closed; so is one
  /// of ours when connecting, or an answer before media flows, takes longer.
  public var handshakeDeadline = Nanoseconds.seconds(10)
  /// A session from which nothing was received for so long has ended (RFC 2326 §12.37).
  public var sessionTimeout = Nanoseconds.seconds(60)
  /// A camera that is pulled and sends no picture for so long, or no media where it sends no pictures, is asked anew: long enough for a picture every
  /// few seconds, short enough that nobody looks at the last one for long.
  public var pullSilence = Nanoseconds.seconds(10)
  /// How long DESCRIBE waits for a publisher that has not come yet.
  public var describeWait = Nanoseconds.seconds(10)
  /// Bytes that may wait for a reader before it is dropped to the next key frame.
  public var readerQueueBytes = 4 << 20
  /// Between two of our RTCP reports.
  public var reportInterval = Nanoseconds.seconds(5)

  /// Bytes that may wait unread while a publication is being admitted.
  public static let heldBeforeAdmission = 32 << 20

  /// The defaults of the configuration file, on the loopback address.
  public init() {}
}
