internal import Journal
public import Model
public import Settings

extension UplinkSettings {
  /// Reads an entry of the list `uplinks`. The fingerprint is empty when `peerKey` is not given: see ``paired(by:)``.
  public init(_ entry: inout ConfigReader) throws(Fault) {
    let name = try entry.requiredText("name")
    let control = try entry.requiredEndpoint("control")
    self.init(
      name: name, controlHost: control.host, controlPort: control.port, media: try entry.requiredText("media"),
      peerFingerprint: try entry.text("peerKey", default: "").filter { $0 != " " }.lowercased(),
      streams: try entry.texts("streams", default: ["**"]))
  }

  /// With the key that pairing stored, where the configuration gives none.
  public func paired(by peers: PeerStore) -> UplinkSettings {
    guard peerFingerprint.isEmpty else { return self }
    var settings = self
    // An uplink may have another name than its upper node: with one peer there is no doubt which is meant.
    let stored = peers.key(of: name) ?? (peers.all.count == 1 ? peers.all.values.first : nil)
    settings.peerFingerprint = stored?.fingerprint ?? ""
    return settings
  }
}
