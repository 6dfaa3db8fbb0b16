public import Model
public import Wire

/// How a publication's RTP is received; one track and one payload for each of its media, in order of their index.
public struct ReceptionPlan: Sendable {
  /// As the session description (SDP) has them; parameters may be nil and come in band.
  public var tracks: [Track]
  /// Payload type, clock rate and format of each.
  public var payloads: [RTPPayloadDescription]
  /// Packets may change their order or come twice on the way: they come as datagrams.
  public var reorders: Bool
  /// Whether the unit ids that packets carry are believed: the sender is one of our own nodes.
  public var trustsUnitIDs: Bool

  /// Both arrays have the same length.
  public init(tracks: [Track], payloads: [RTPPayloadDescription], reorders: Bool, trustsUnitIDs: Bool = false) {
    self.tracks = tracks
    self.payloads = payloads
    self.reorders = reorders
    self.trustsUnitIDs = trustsUnitIDs
  }
}
