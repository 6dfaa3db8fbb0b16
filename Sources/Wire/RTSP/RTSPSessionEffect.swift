public import Model

extension RTSPSession {
  /// What the connection must do, in order. Those that ask a question name the answers; until one comes, further requests wait inside.
  public enum Effect: Hashable, Sendable {
    /// Write it.
    case respond(RTSPResponse)
    /// Answer with ``RTSPSession/authorised(at:)`` or ``RTSPSession/refused(_:at:)``: credentialsMissing and credentialsWrong make a
    /// challenge, accessDenied a plain no.
    case authorise(RTSPAuthorisation)
    /// A reader wants this stream: answer with ``RTSPSession/described(_:at:)`` (at once or when a publisher has come) or
    /// ``RTSPSession/refused(_:at:)``.
    case describe(StreamName)
    /// A pair of UDP ports for one media: answer with ``RTSPSession/portsAllocated(_:ssrc:at:)`` or ``RTSPSession/refused(_:at:)``.
    case allocatePorts(RTSPTrackSetUp)
    /// Admit the publisher: answer with ``RTSPSession/started(rtpInfo:at:)`` or ``RTSPSession/refused(_:at:)``.
    case startRecording(RTSPPublication)
    /// Send media once the response is written: answer with ``RTSPSession/started(rtpInfo:at:)`` or ``RTSPSession/refused(_:at:)``.
    case startPlaying(RTSPPlayback)
    /// Stop sending until ``startPlaying(_:)`` comes again.
    case pause
    /// Media ends and ports are free; nil after TEARDOWN.
    case stop(Fault?)
    /// Something was refused here that an operator wants to know.
    case note(Fault)
    /// Close the connection once everything is written.
    case close
  }
}

/// A publisher that is about to send.
public struct RTSPPublication: Hashable, Sendable {
  public var stream: StreamName
  /// The tracks that were set up, numbered anew from 0.
  public var tracks: [SDPTrack]
  /// One for each media that was set up, with the track numbers of ``tracks``.
  public var setUps: [RTSPTrackSetUp]
  /// Where the stream was first received, told by one of our own nodes. Believe it of an authenticated peer only.
  public var origin: UnitOrigin?
}

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

/// What a reader is told about a stream.
public struct RTSPDescription: Hashable, Sendable {
  /// Controls must be `trackID=0`… in order.
  public var sdp: String
  public var trackCount: Int

  public init(sdp: String, trackCount: Int) {
    self.sdp = sdp
    self.trackCount = trackCount
  }
}
