public import Model

/// A reader that is about to be sent to.
public struct RTSPPlayback: Hashable, Sendable {
  public var stream: StreamName
  public var setUps: [RTSPTrackSetUp]
  /// The address of the DESCRIBE, for `RTP-Info`.
  public var url: String
  /// Nil: from now.
  public var range: RTSPRange?
  public var isResumed: Bool
}
