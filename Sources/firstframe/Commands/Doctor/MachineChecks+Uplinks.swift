internal import Cascade
internal import Model
internal import NIOCore
internal import NIOPosix
internal import Wire

/// The upper centres: whether they are paired, whether they answer. Neither keeps a node from starting, so both are warnings.
extension MachineChecks {
  static func uplinks(_ settings: NodeSettings) async -> [Finding] {
    let name = Bilingual(zh: "配对", en: "pairing")
    let peers: PeerStore
    do throws(Fault) { peers = try PeerStore(dataFolder: settings.dataFolder) } catch {
      return [Finding(name: name, fault: error, detail: error.detail)]
    }
    var findings = [Finding(name: name, detail: peers.all.isEmpty ? "无 none" : peers.all.keys.sorted().joined(separator: ", "))]
    for uplink in settings.uplinks.map({ $0.paired(by: peers) }) { findings.append(await check(uplink)) }
    return findings
  }

  private static func check(_ uplink: UplinkSettings) async -> Finding {
    let name = Bilingual(zh: "上级", en: "uplink")
    let control = "\(uplink.controlHost):\(uplink.controlPort)"
    let detail = "\(uplink.name) · \(control) · \(uplink.media)"
    guard RTSPURL(uplink.media)?.scheme == "rtsp" else {
      return Finding(name: name, fault: Fault(.configInvalid, "uplinks \(uplink.name).media: \(uplink.media)"), detail: detail)
    }
    guard !uplink.peerFingerprint.isEmpty else {
      return Finding(name: name, fault: Fault(.notPaired, uplink.name), detail: detail + " · 未配对 not paired", isWarning: true)
    }
    guard await answers(uplink.controlHost, uplink.controlPort) else {
      return Finding(name: name, fault: Fault(.peerUnreachable, control), detail: detail + " · 不通 no answer", isWarning: true)
    }
    return Finding(name: name, detail: detail)
  }

  /// Whether somebody takes a connection there within three seconds.
  private static func answers(_ host: String, _ port: Int) async -> Bool {
    let connected = try? await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(.seconds(3)).connect(
      host: host, port: port
    ).get()
    try? await connected?.close()
    return connected != nil
  }
}
