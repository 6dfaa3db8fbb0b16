/// What a session's samples are samples of. With the records after it, enough to compute every figure again.
public struct SampleHeader: Hashable, Sendable {
  /// Name of the node that measured.
  public var node: String
  /// Kernel boot id: the times below are of this boot.
  public var boot: String
  /// As this node knows it.
  public var stream: StreamName
  /// A random identity of this publication or this reader: a takeover begins a new one, so that nothing is counted twice.
  public var session: String
  /// Which stretch of the way.
  public var hop: Hop
  /// What the media came or went by.
  public var mediaProtocol: MediaProtocol
  /// Which rules of arrival and loss hold.
  public var method: MeasuringMethod
  /// How round trips were measured: `rtcp-rr`, `tcp-info`, `rtsp-options`, `srt`, `stun`, `sip-message`; nil when not at all.
  public var roundTripMethod: String?
  /// ``AccessUnitID/epoch`` of the units.
  public var epoch: UInt64
  /// When the session began.
  public var started: BootTime
  /// The same on the wall clock, as a label.
  public var startedWall: WallTime
  /// As the session began with them.
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
