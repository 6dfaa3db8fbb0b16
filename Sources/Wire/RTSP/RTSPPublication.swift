public import Model

/// A publisher that is about to send.
public struct RTSPPublication: Hashable, Sendable {
  /// From the ANNOUNCE's path.
  public var stream: StreamName
  /// The tracks that were set up, numbered anew from 0.
  public var tracks: [SDPTrack]
  /// One for each media that was set up, with the track numbers of ``tracks``.
  public var setUps: [RTSPTrackSetUp]
  /// Where the stream was first received, as one of our own nodes says. Only to be used of an authenticated peer only.
  public var origin: UnitOrigin?
}
