public import Model

/// How media flows after PLAY or RECORD.
public struct RTSPEstablished: Hashable, Sendable {
  /// In the order of the description.
  public var tracks: [SDPTrack]
  /// One for each track, in the same order.
  public var setUps: [RTSPTrackSetUp]
  /// Of PLAY's answer; empty when the camera sends none.
  public var rtpInfo: [RTPInfo]
  /// Where the stream was first received, as one of our own nodes says.
  public var origin: UnitOrigin?
  /// The ways back to the camera's loudspeaker, for talk; none is set up.
  public var backChannels: [SDPBackChannel] = []
}
