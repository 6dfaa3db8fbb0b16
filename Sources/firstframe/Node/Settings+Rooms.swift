internal import Archive
internal import Cascade
internal import Hub
internal import Journal
internal import Model
internal import RTMPGateway
internal import RTSPGateway
internal import Settings

/// The configuration as each room wants it.
extension Settings {
  var hub: HubSettings {
    var hub = HubSettings()
    hub.takeoverWindow = .seconds(Int64(streams.takeoverSeconds))
    hub.gopCacheBytes = streams.gopCacheMegabytes << 20
    hub.secondPublisher =
      switch streams.secondPublisher {
      case .refuse: .refuse
      case .takeOver: .takeOver
      case .takeOverWhenSilent: .takeOverWhenSilent(.seconds(2))
      }
    return hub
  }

  var rtspGateway: RTSPSettings {
    var gateway = RTSPSettings()
    gateway.host = bind
    gateway.port = UInt16(clamping: rtsp.port)
    gateway.rtpPorts = UInt16(clamping: rtsp.rtpPorts.lowerBound)...UInt16(clamping: rtsp.rtpPorts.upperBound)
    return gateway
  }

  var rtmpGateway: RTMPSettings {
    var gateway = RTMPSettings()
    gateway.host = bind
    gateway.port = UInt16(clamping: rtmpPort)
    return gateway
  }

  var probing: ContentSettings {
    var probing = ContentSettings()
    probing.millisecondsPerSecond = Int64(measure.probeMillisecondsPerSecond)
    return probing
  }

  var recording: ArchiveSettings {
    var recording = ArchiveSettings()
    recording.enabled = archive.enabled
    recording.segmentDuration = .seconds(Int64(archive.segmentSeconds))
    recording.reservePermille = archive.reservePercent * 10
    recording.wallUncertainty = { ClockWatch.kernelState().map { Nanoseconds($0.maximumErrorNs) } }
    return recording
  }
}

extension Settings.Uplink {
  /// The link as configured; the key that pairing stored stands in for one that is not written down.
  func link(_ peers: PeerStore) throws(Fault) -> UplinkSettings {
    let (host, port) = try Address.parse(control)
    let written = peerKey.filter { $0 != " " }.lowercased()
    // An uplink may be named otherwise than its node: with one peer there is nothing to confuse.
    let stored = peers.key(of: name) ?? (peers.all.count == 1 ? peers.all.values.first : nil)
    let fingerprint = written.isEmpty ? stored?.fingerprint ?? "" : written
    return UplinkSettings(
      name: name, controlHost: host, controlPort: port, media: media, peerFingerprint: fingerprint, streams: streams)
  }
}
