internal import Model
internal import Wire

/// How a publisher's tracks are to be received: what ANNOUNCE or DESCRIBE told, one entry a track, in order of their index.
struct IngressPlan: Sendable {
  let tracks: [Track]
  let payloads: [RTPPayloadDescription]
  /// Media comes as datagrams, which may change their order.
  let usesDatagrams: Bool
  /// Whether the unit ids that packets carry are believed.
  let trustsUnitIDs: Bool

  /// - Parameter trustedOrigin: where one of our own nodes says that the stream was first received; nil when nobody may say so, and then
  ///   ids in packets are not believed either.
  init(_ tracks: [SDPTrack], usesDatagrams: Bool, trustedOrigin: UnitOrigin?) {
    self.tracks = tracks.map(\.track)
    payloads = tracks.map(\.payload)
    self.usesDatagrams = usesDatagrams
    trustsUnitIDs = trustedOrigin != nil
  }

  /// A node of ours tells where the stream was first received. In open mode everybody on this machine may say so, but that alone makes no device a node.
  var hop: Hop { trustsUnitIDs ? .centre : .device }
  var mediaProtocol: MediaProtocol { usesDatagrams ? .rtspUDP : .rtspTCP }
}
