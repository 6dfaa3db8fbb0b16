public import Model

/// DESCRIBE, PLAY and PAUSE.
extension RTSPServerState {
  mutating func describe(_ request: RTSPRequest) -> [Effect] {
    guard role != .publish else { return [answer(request, .methodNotValidInThisState)] }
    guard let url = RTSPURL(request.uri) else { return [answer(request, .badRequest)] }
    // Once tracks are set up, only the same stream may be described again.
    guard setUps.isEmpty || url.streamName == stream else { return [answer(request, .methodNotValidInThisState)] }
    return authorise(request, url, .read)
  }

  mutating func askForDescription(_ request: RTSPRequest, _ url: RTSPURL) -> [Effect] {
    guard let stream = url.streamName else { return answer(request, Fault(.streamNameInvalid, RTSPServerState.clipped(url.path))) }
    awaiting = .description(request, url)
    return [.describe(stream)]
  }

  /// Answers ``Effect/describe(_:)``.
  public mutating func described(_ description: RTSPDescription, at now: BootTime) -> [Effect] {
    guard case .description(let request, let url) = awaiting else { return [] }
    awaiting = .nothing
    // The wait for a publisher may have been long; silence counts from here.
    touch(at: now)
    role = .read
    stream = url.streamName
    base = url
    trackCount = description.trackCount
    if setUps.isEmpty { phase = .described }
    guard request.method == .describe else { return resume(setUp(request)) }
    // Without the query: some clients hang a track's control behind it, others put it before, and the key was checked already.
    var contentBase = url
    contentBase.query = nil
    if contentBase.path.utf8.last != 47 { contentBase.path += "/" }
    let headers: RTSPHeaders = ["Content-Base": contentBase.text, "Content-Type": "application/sdp"]
    return resume([answer(request, .ok, headers, body: Array(description.sdp.utf8))])
  }

  mutating func play(_ request: RTSPRequest) -> [Effect] {
    guard role == .read, let stream else { return [answer(request, .methodNotValidInThisState)] }
    // A second PLAY while playing changes nothing: for live media it only asks whether the session lives.
    if phase == .playing { return [answer(request, .ok, ["Range": RTSPRange.now.text])] }
    guard phase == .ready else { return [answer(request, .methodNotValidInThisState)] }
    awaiting = .start(request)
    let range = request.headers["Range"].flatMap { RTSPRange($0) }
    var url = base
    url?.query = nil
    return [
      .startPlaying(RTSPPlayback(stream: stream, setUps: setUps, url: url?.text ?? request.uri, range: range, isResumed: isPaused))
    ]
  }

  mutating func pause(_ request: RTSPRequest) -> [Effect] {
    guard role == .read, phase == .playing || phase == .ready else { return [answer(request, .methodNotValidInThisState)] }
    guard phase == .playing else { return [answer(request, .ok)] }
    phase = .ready
    isPaused = true
    return [.pause, answer(request, .ok)]
  }

  /// Answers ``Effect/startPlaying(_:)`` and ``Effect/startRecording(_:)``; media may follow the response.
  public mutating func started(rtpInfo: [RTPInfo] = [], at now: BootTime) -> [Effect] {
    guard case .start(let request) = awaiting else { return [] }
    awaiting = .nothing
    touch(at: now)
    guard role == .read else {
      phase = .recording
      return resume([answer(request, .ok)])
    }
    phase = .playing
    isPaused = false
    var headers: RTSPHeaders = ["Range": RTSPRange.now.text]
    if !rtpInfo.isEmpty { headers.add("RTP-Info", RTPInfo.text(rtpInfo)) }
    return resume([answer(request, .ok, headers)])
  }
}
