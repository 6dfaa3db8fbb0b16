/// What a reader learns about a stream.
public struct RTSPDescription: Hashable, Sendable {
  /// Controls must be `trackID=0`… in order.
  public var sdp: String
  /// A SETUP for another track is refused.
  public var trackCount: Int

  public init(sdp: String, trackCount: Int) {
    self.sdp = sdp
    self.trackCount = trackCount
  }
}
