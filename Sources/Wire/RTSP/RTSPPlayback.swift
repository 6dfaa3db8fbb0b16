public import Model

/// A reader that is about to be sent to.
public struct RTSPPlayback: Hashable, Sendable {
  /// From the request's path.
  public var stream: StreamName
  /// The tracks that the reader wants, and how they go to it.
  public var setUps: [RTSPTrackSetUp]
  /// The address of the DESCRIBE, for `RTP-Info`.
  public var url: String
  /// Nil: from now.
  public var range: RTSPRange?
  /// PLAY after PAUSE.
  public var isResumed: Bool
}
