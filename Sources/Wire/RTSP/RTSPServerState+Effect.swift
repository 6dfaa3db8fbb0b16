public import Model

extension RTSPServerState {
  /// What the connection must do, in order. Those that ask a question name the answers; until one comes, further requests wait inside.
  public enum Effect: Hashable, Sendable {
    /// Write it.
    case respond(RTSPResponse)
    /// Answer with ``RTSPServerState/authorised(at:)`` or ``RTSPServerState/refused(_:at:)``: credentialsMissing and credentialsWrong make a
    /// challenge, accessDenied a plain no.
    case authorise(RTSPAuthorisation)
    /// A reader wants this stream: answer with ``RTSPServerState/described(_:at:)`` (at once or when a publisher has come) or
    /// ``RTSPServerState/refused(_:at:)``.
    case describe(StreamName)
    /// A pair of UDP ports for one media: answer with ``RTSPServerState/portsAllocated(_:ssrc:at:)`` or ``RTSPServerState/refused(_:at:)``.
    case allocatePorts(RTSPTrackSetUp)
    /// Admit the publisher: answer with ``RTSPServerState/started(rtpInfo:at:)`` or ``RTSPServerState/refused(_:at:)``.
    case startRecording(RTSPPublication)
    /// Send media once the response is written: answer with ``RTSPServerState/started(rtpInfo:at:)`` or ``RTSPServerState/refused(_:at:)``.
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
