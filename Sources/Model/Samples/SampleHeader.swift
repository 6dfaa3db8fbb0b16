/// What a session's samples are samples of. With the records after it, enough to compute every figure again.
public struct SampleHeader: Hashable, Sendable {
  public var node: String
  public var boot: String
  public var stream: StreamName
  /// A random identity of this publication or this reader: a takeover begins a new one, so that nothing is counted twice.
  public var session: String
  public var hop: Hop
  public var mediaProtocol: MediaProtocol
  public var method: MeasuringMethod
  /// How round trips were taken: `rtcp-rr`, `tcp-info`, `rtsp-options`, `srt`, `stun`, `sip-message`; nil when not at all.
  public var roundTripMethod: String?
  /// ``AccessUnitID/epoch`` of the units.
  public var epoch: UInt64
  public var started: BootTime
  public var startedWall: WallTime
  public var tracks: [SampleTrack]

  public init(
    node: String, boot: String, stream: StreamName, session: String, hop: Hop, mediaProtocol: MediaProtocol,
    method: MeasuringMethod? = nil, roundTripMethod: String? = nil, epoch: UInt64, started: BootTime, startedWall: WallTime,
    tracks: [SampleTrack]
  ) {
    self.node = node
    self.boot = boot
    self.stream = stream
    self.session = session
    self.hop = hop
    self.mediaProtocol = mediaProtocol
    self.method = method ?? mediaProtocol.method
    self.roundTripMethod = roundTripMethod
    self.epoch = epoch
    self.started = started
    self.startedWall = startedWall
    self.tracks = tracks
  }
}
