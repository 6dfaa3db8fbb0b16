internal import Model

/// ANNOUNCE and RECORD.
extension RTSPServerState {
  mutating func announce(_ request: RTSPRequest) -> [Effect] {
    guard phase == .initial || phase == .announced else { return [answer(request, .methodNotValidInThisState)] }
    guard let url = RTSPURL(request.uri) else { return [answer(request, .badRequest)] }
    let type = request.headers["Content-Type"].map { HeaderParameters.split($0, at: 59).first ?? "" }
    guard type.map({ RTSPHeaders.equal($0, "application/sdp") }) ?? true else { return [answer(request, .unsupportedMediaType)] }
    return authorise(request, url, .publish)
  }

  mutating func announceAllowed(_ request: RTSPRequest, _ url: RTSPURL) -> [Effect] {
    do {
      description = try SessionDescription(parsing: request.body)
      announcedTracks = try description.tracks()
    } catch {
      return answer(request, error)
    }
    phase = .announced
    role = .publish
    stream = url.streamName
    base = url
    return [answer(request, .ok)]
  }

  mutating func record(_ request: RTSPRequest) -> [Effect] {
    guard role == .publish, phase == .ready, let stream else { return [answer(request, .methodNotValidInThisState)] }
    let publication = publication(stream)
    guard !publication.tracks.isEmpty else { return [answer(request, .methodNotValidInThisState)] }
    setUps = publication.setUps
    awaiting = .start(request)
    return [.startRecording(publication)]
  }

  /// Numbers the tracks that were set up from 0, so that a track's index stays its position in the stream.
  private func publication(_ stream: StreamName) -> RTSPPublication {
    var tracks: [SDPTrack] = []
    var setUps = setUps.map { RTSPTrackSetUp(media: $0.media, track: nil, path: $0.path) }
    for var entry in announcedTracks {
      guard let at = setUps.firstIndex(where: { $0.media == entry.media }), let index = UInt8(exactly: tracks.count) else { continue }
      entry.track.index = index
      setUps[at].track = index
      tracks.append(entry)
    }
    return RTSPPublication(stream: stream, tracks: tracks, setUps: setUps, origin: description.origin)
  }
}
