public import Model

/// How media flows after PLAY or RECORD.
public struct RTSPEstablished: Hashable, Sendable {
  public var tracks: [SDPTrack]
  public var setUps: [RTSPTrackSetUp]
  /// Of PLAY's answer; empty when the camera tells none.
  public var rtpInfo: [RTPInfo]
  /// Where the stream was first received, told by one of our own nodes.
  public var origin: UnitOrigin?
}
