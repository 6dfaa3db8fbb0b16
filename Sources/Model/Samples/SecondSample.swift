/// A session's cumulative counters, once a second and once more at its close.
///
/// Windows begin and end at these samples: a window is exactly what lies between two of them in a file's order.
public struct SecondSample: Hashable, Sendable {
  /// When the counters were read.
  public var at: BootTime
  /// One entry a track, in order of the track's index.
  public var tracks: [TrackCounters]
  /// Newest round trip, whose method the header names; nil while none was measured.
  public var roundTripNs: Int64?
  /// How well we were measuring.
  public var observer: ObserverSample

  public init(at: BootTime, tracks: [TrackCounters], roundTripNs: Int64? = nil, observer: ObserverSample = ObserverSample()) {
    self.at = at
    self.tracks = tracks
    self.roundTripNs = roundTripNs
    self.observer = observer
  }
}
