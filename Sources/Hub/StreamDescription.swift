public import Model
public import Wire

/// What a reader needs to know of a live stream.
public struct StreamDescription: Sendable {
  /// Of the stream.
  public var name: StreamName
  /// In order of their index, with the parameters known so far.
  public var tracks: [Track]
  /// By which the media comes.
  public var mediaProtocol: MediaProtocol
  /// What the units' ids name as their origin.
  public var origin: UnitOrigin
  /// Wall milliseconds of admission: names the publication, with ``AccessUnitID/epoch``.
  public var epoch: UInt64
  /// The publication's session id in facts and sample files.
  public var session: String
  /// Formats of the stream's RTP when it came as RTP; empty otherwise.
  public var rtpPayloads: [RTPPayloadDescription]
  /// Whether this continues what the reader saw before (a publisher returned with the same tracks).
  public var continues: Bool

  /// Profile and level of a video track by their names in the standards; nil for audio and while unknown.
  public static func profileLevel(of track: Track) -> (profile: String, level: String)? {
    ProfileLevel(track.parameters).map { ($0.profile, $0.level) }
  }
}
