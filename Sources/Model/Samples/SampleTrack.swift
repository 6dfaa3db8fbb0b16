/// A track as a session began with it; later changes are ``SampleEvent/Kind/trackFormat`` events.
public struct SampleTrack: Hashable, Sendable {
  /// ``Track/index``.
  public var index: UInt8
  /// Of the track.
  public var codec: Codec
  /// Ticks a second of ``FrameSample/timestamp``.
  public var clockRate: Int32
  /// The registered profile's rate, else the publisher's or the SPS's; nil when none is known.
  public var nominalFrameRateMilli: Int64?
  /// Pixels; nil for audio or while unknown.
  public var width: Int64?
  /// Pixels; nil for audio or while unknown.
  public var height: Int64?

  public init(
    index: UInt8, codec: Codec, clockRate: Int32, nominalFrameRateMilli: Int64? = nil, width: Int64? = nil, height: Int64? = nil
  ) {
    self.index = index
    self.codec = codec
    self.clockRate = max(1, clockRate)
    self.nominalFrameRateMilli = nominalFrameRateMilli
    self.width = width
    self.height = height
  }

  /// - Parameter registeredFrameRateMilli: frames a second × 1000 of the device's profile; it counts before the track's own.
  public init(_ track: Track, registeredFrameRateMilli: Int64? = nil) {
    self.init(
      index: track.index, codec: track.codec, clockRate: track.clockRate,
      nominalFrameRateMilli: registeredFrameRateMilli ?? track.nominalFrameRateMilli.map(Int64.init), width: track.width.map(Int64.init),
      height: track.height.map(Int64.init))
  }
}
