internal import Model

/// From each answer to the next request.
extension RTSPClientState {
  /// A server that refuses OPTIONS may still serve.
  mutating func optionsAnswered(_ response: RTSPResponse) -> [Effect] {
    let methods = HeaderParameters.split(response.headers["Public"] ?? "", at: 44)
    hasGetParameter = configuration.usesGetParameter && methods.contains { RTSPHeaders.equal($0, "GET_PARAMETER") }
    keepAliveMethod = hasGetParameter ? .getParameter : .options
    switch configuration.role {
    case .pull:
      phase = .describe
      return [send(.describe, base, ["Accept": "application/sdp"])]
    case .push(let sdp, let tracks):
      self.tracks = tracks
      phase = .announce
      return [send(.announce, base, ["Content-Type": "application/sdp"], body: Array(sdp.utf8))]
    }
  }

  mutating func described(_ response: RTSPResponse) -> [Effect] {
    do {
      description = try SessionDescription(parsing: response.body)
      backChannels = description.backChannels
      tracks = try description.tracks(leavingOut: description.withoutMedia)
    } catch {
      return fail(error)
    }
    let given = response.headers["Content-Base"] ?? response.headers["Content-Location"]
    base = reachable(RTSPControl.resolve(description.control, base: given ?? base))
    return [.described(tracks, description)] + setUpNext()
  }

  /// A base with this connection's own host and port: cameras behind NAT give the address that they know themselves by, and one that
  /// points elsewhere is not to be followed.
  private func reachable(_ address: String) -> String {
    guard var url = RTSPURL(trimmed(address)) else { return configuration.url.text }
    url.host = configuration.url.host
    url.explicitPort = configuration.url.explicitPort
    url.scheme = configuration.url.scheme
    return url.text
  }

  mutating func setUpNext() -> [Effect] {
    phase = .setUp
    guard current < tracks.count else {
      phase = .start
      return isPush ? [send(.record, base, ["Range": "npt=0.000-"])] : [send(.play, base, ["Range": "npt=0.000-"])]
    }
    guard configuration.transports.indices.contains(transport) else { return fail(Fault(.transportUnsupported, configuration.url.text)) }
    switch configuration.transports[transport] {
    case .udp: return [.allocatePorts(media: tracks[current].media)]
    case .tcp:
      let channel = UInt8(truncatingIfNeeded: current * 2)
      return [setUp(.tcp(channels: RTSPTransport.Channels(rtp: channel, rtcp: channel | 1)))]
    }
  }

  /// Answers ``Effect/allocatePorts(media:)``.
  public mutating func portsAllocated(_ ports: RTSPTransport.Ports) -> [Effect] {
    guard phase == .setUp, pending == nil, current < tracks.count else { return [] }
    return [setUp(.udp(clientPorts: ports))]
  }

  private mutating func setUp(_ transport: RTSPTransport) -> Effect {
    var transport = transport
    if isPush { transport.mode = .record }
    asked = transport
    let address = reachable(RTSPControl.resolve(tracks[current].payload.control, base: base))
    return send(.setup, address, ["Transport": transport.text])
  }

  mutating func setUpAnswered(_ request: RTSPRequest, _ response: RTSPResponse) -> [Effect] {
    if response.status == .unsupportedTransport, setUps.isEmpty, transport + 1 < configuration.transports.count {
      transport += 1
      return setUpNext()
    }
    if canDoWithoutCurrent, !response.status.isSuccess || path(response) == nil { return leaveOutCurrent() }
    guard response.status.isSuccess else { return fail(request, response) }
    guard let path = path(response), current < tracks.count else {
      return fail(Fault(.transportUnsupported, RTSPServerState.clipped(response.headers["Transport"] ?? "")))
    }
    let ready = RTSPTrackSetUp(media: tracks[current].media, track: tracks[current].track.index, path: path)
    setUps.append(ready)
    current += 1
    return [.trackReady(ready)] + setUpNext()
  }

  /// Sound that a camera describes and then does not give is no reason to go without its pictures.
  private var canDoWithoutCurrent: Bool {
    guard !isPush, current < tracks.count, !tracks[current].track.codec.isVideo else { return false }
    return tracks.contains { $0.track.codec.isVideo }
  }

  /// The tracks behind it move up: a track's index is its position in the stream.
  private mutating func leaveOutCurrent() -> [Effect] {
    tracks.remove(at: current)
    for index in tracks.indices { tracks[index].track.index = UInt8(truncatingIfNeeded: index) }
    return [.repaired(.mediaLeftOut)] + setUpNext()
  }

  /// What the server chose; a missing Transport header means what was asked for.
  private func path(_ response: RTSPResponse) -> RTSPTrackSetUp.Path? {
    guard let asked else { return nil }
    let chosen = response.headers["Transport"].flatMap { RTSPTransport.parse($0).first } ?? asked
    guard chosen.isSupported, chosen.lowerTransport == asked.lowerTransport else { return nil }
    switch asked.lowerTransport {
    case .tcp: return (chosen.interleaved ?? asked.interleaved).map { .interleaved($0) }
    case .udp: return asked.clientPorts.map { .udp(client: $0, server: chosen.serverPorts) }
    }
  }

  mutating func started(_ response: RTSPResponse) -> [Effect] {
    phase = .established
    let info = RTPInfo.parse(response.headers["RTP-Info"] ?? "")
    return [.established(RTSPEstablished(tracks: tracks, setUps: setUps, rtpInfo: info, origin: description.origin, backChannels: backChannels))]
  }

  /// A refused keep-alive ends nothing, not even with 454: media that flows is alive, and media that stops is missed soon enough.
  mutating func keepAliveAnswered(_ response: RTSPResponse) -> [Effect] { response.status.isSuccess ? [] : keepAliveRefused() }

  mutating func keepAliveRefused() -> [Effect] {
    pending = nil
    guard phase == .established else { return [] }
    turnKeepAlive()
    return [.repaired(.keepAlive)]
  }

  /// The next keep-alive goes the other way; GET_PARAMETER only to a server that says it knows it.
  mutating func turnKeepAlive() { keepAliveMethod = keepAliveMethod == .options && hasGetParameter ? .getParameter : .options }
}
