public import Model

/// A media section that is carried, as a track.
public struct SDPTrack: Hashable, Sendable {
  /// Position of its `m=` section, counting those that are not carried.
  public var media: Int
  public var track: Track
  public var payload: RTPPayloadDescription

  public init(media: Int, track: Track, payload: RTPPayloadDescription) {
    self.media = media
    self.track = track
    self.payload = payload
  }

  /// A track as we send it ourselves.
  public init(sending track: Track, unitIDExtension: UInt8? = nil) {
    self.init(media: Int(track.index), track: track, payload: .canonical(for: track, unitIDExtension: unitIDExtension))
  }
}
