public import Model

/// SETUP: which media, and by which of the transports offered.
extension RTSPServerState {
  mutating func setUp(_ request: RTSPRequest) -> [Effect] {
    guard let url = RTSPURL(request.uri) else { return [answer(request, .badRequest)] }
    switch phase {
    case .initial: return authorise(request, RTSPControl.split(url).aggregate, .read)
    case .announced, .described, .ready: break
    case .recording, .playing, .closed: return [answer(request, .methodNotValidInThisState)]
    }
    guard !isPaused else { return [answer(request, .methodNotValidInThisState)] }
    switch media(of: url) {
    case .failure(let status): return [answer(request, status.status)]
    case .success(let media):
      guard !setUps.contains(where: { $0.media == media }) else { return [answer(request, .methodNotValidInThisState)] }
      return setUp(request, media)
    }
  }

  private struct Refusal: Error { var status: RTSPStatus }

  private func media(of url: RTSPURL) -> Result<Int, Refusal> {
    guard let base else { return .failure(Refusal(status: .notFound)) }
    guard role == .read else {
      let media = RTSPControl.media(of: url, base: base, controls: description.controls)
      return media.map { .success($0) } ?? .failure(Refusal(status: .notFound))
    }
    let (aggregate, track) = RTSPControl.split(url)
    guard aggregate.streamName == stream else { return .failure(Refusal(status: .notFound)) }
    guard let track else {
      return trackCount == 1 ? .success(0) : .failure(Refusal(status: .aggregateOperationNotAllowed))
    }
    return (0..<trackCount).contains(track) ? .success(track) : .failure(Refusal(status: .notFound))
  }

  private mutating func setUp(_ request: RTSPRequest, _ media: Int) -> [Effect] {
    let alternatives = RTSPTransport.parse(request.headers["Transport"] ?? "")
    guard let chosen = alternatives.first(where: { isAcceptable($0) }), let path = path(chosen, media) else {
      let offered = RTSPServerState.clipped(request.headers["Transport"] ?? "")
      return answer(request, Fault(.transportUnsupported, offered))
    }
    let track = role == .read ? UInt8(exactly: media) : announcedTracks.first { $0.media == media }?.track.index
    let setUp = RTSPTrackSetUp(media: media, track: track, path: path)
    guard case .interleaved(let channels) = path else {
      awaiting = .ports(request, setUp, chosen)
      return [.allocatePorts(setUp)]
    }
    return complete(request, setUp, .tcp(channels: channels, mode: chosen.mode))
  }

  /// All medias of a session travel alike.
  private func isAcceptable(_ transport: RTSPTransport) -> Bool {
    guard transport.isSupported, transport.mode != (role == .publish ? .play : .record) else { return false }
    let isTCP = transport.lowerTransport == .tcp
    if let first = setUps.first, first.path.isInterleaved != isTCP { return false }
    return isTCP ? configuration.allowsTCP : configuration.allowsUDP && (transport.clientPorts?.rtp ?? 0) > 0
  }

  private func path(_ transport: RTSPTransport, _ media: Int) -> RTSPTrackSetUp.Path? {
    if transport.lowerTransport == .udp { return transport.clientPorts.map { .udp(client: $0, server: nil) } }
    let wanted = transport.interleaved.map { [$0] } ?? []
    let ours = (0..<128).map { RTSPTransport.Channels(rtp: UInt8((($0 + media) * 2) & 0xFE), rtcp: UInt8((($0 + media) * 2) & 0xFE | 1)) }
    return (wanted + ours).first { isFree($0) }.map { .interleaved($0) }
  }

  private func isFree(_ channels: RTSPTransport.Channels) -> Bool {
    guard channels.rtp != channels.rtcp else { return false }
    return !setUps.contains { setUp in
      guard case .interleaved(let used) = setUp.path else { return false }
      return [used.rtp, used.rtcp].contains { $0 == channels.rtp || $0 == channels.rtcp }
    }
  }

  /// Answers ``Effect/allocatePorts(_:)``.
  /// - Parameter ssrc: of the packets that a reader will be sent, when it is known.
  public mutating func portsAllocated(_ ports: RTSPTransport.Ports, ssrc: UInt32? = nil, at now: BootTime) -> [Effect] {
    guard case .ports(let request, var setUp, let chosen) = awaiting, case .udp(let client, _) = setUp.path else { return [] }
    awaiting = .nothing
    setUp.path = .udp(client: client, server: ports)
    var transport = RTSPTransport.udp(clientPorts: client, serverPorts: ports, mode: chosen.mode)
    transport.ssrc = ssrc
    return resume(complete(request, setUp, transport))
  }

  private mutating func complete(_ request: RTSPRequest, _ setUp: RTSPTrackSetUp, _ transport: RTSPTransport) -> [Effect] {
    setUps.append(setUp)
    phase = .ready
    return [answer(request, .ok, ["Transport": transport.text])]
  }
}
