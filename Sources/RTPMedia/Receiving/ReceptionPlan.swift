public import Model
public import Wire

/// How a publication's RTP is received; one track and one payload for each of its media, in order of their index.
public struct ReceptionPlan: Sendable {
  public var tracks: [Track]
  public var payloads: [RTPPayloadDescription]
  /// Packets may change their order or come twice on the way: they come as datagrams.
  public var reorders: Bool
  /// Whether the unit ids that packets carry are believed: the sender is one of our own nodes.
  public var trustsUnitIDs: Bool

  public init(tracks: [Track], payloads: [RTPPayloadDescription], reorders: Bool, trustsUnitIDs: Bool = false) {
    self.tracks = tracks
    self.payloads = payloads
    self.reorders = reorders
    self.trustsUnitIDs = trustsUnitIDs
  }
}
