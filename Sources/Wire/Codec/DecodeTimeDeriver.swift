public import Model

/// Gives units that have only presentation times (RTP) the decode times that RTMP wants: strictly increasing, never after the presentation.
public struct DecodeTimeDeriver: Sendable {
  public init(track: Track) {}

  /// The publisher's parameters changed.
  public mutating func update(_ track: Track) {}

  /// The decode time of the next unit in decode order, in its own timescale. Nil when none can be: a picture to be shown before what was
  /// already given out (a leading picture after an open-GOP start); leave it out.
  public mutating func decodeTime(of unit: AccessUnit) -> MediaTime? { unit.pts }
}
