public import Model

/// A media section that is carried, as a track.
public struct SDPTrack: Hashable, Sendable {
  /// Position of its `m=` section, counting those that are not carried.
  public var media: Int
  /// Codec and parameters; its index counts the media that are carried.
  public var track: Track
  /// How it goes over RTP.
  public var payload: RTPPayloadDescription

  public init(media: Int, track: Track, payload: RTPPayloadDescription) {
    self.media = media
    self.track = track
    self.payload = payload
  }

  /// A track as we send it ourselves.
  /// - Parameter toNode: to one of our own nodes, which get unit ids and the times at which key units leave.
  public init(sending track: Track, toNode: Bool = false) {
    self.init(media: Int(track.index), track: track, payload: .canonical(for: track))
    guard toNode else { return }
    payload.unitIDExtension = UnitIDExtension.sentID
    if track.codec.isVideo { payload.sentTimeExtension = SentTimeExtension.sentID }
  }
}
